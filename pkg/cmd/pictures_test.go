package cmd_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pictures are the drawn examples of docs/tour.md: a file of docs, the section of the
// example, and the command.
var pictures = []struct {
	file, section, command string
	shorten                func(lines []string) []string // as .ci/pictures does
}{
	{"diff.svg", "Preview a change", "kubectl certs diff -e prod", firstChange},
	{"errors.svg", "Errors in certs.yaml", "kubectl certs generate", nil},
	{"lint.svg", "Lint", "kubectl certs lint", nil},
}

// firstChange returns the lines up to the first empty one, and the last line.
func firstChange(lines []string) []string {
	for i, line := range lines {
		if line == "" {
			return append(append([]string{}, lines[:i+1]...), lines[len(lines)-1])
		}
	}
	return lines
}

// TestPictures: each picture shows the output that docs/tour.md has.
func TestPictures(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	files, err := filepath.Glob(filepath.Join(docs, "*.svg"))
	if err != nil || len(files) != len(pictures) {
		t.Errorf("docs has %d pictures, and %d are tested: %v", len(files), len(pictures), err)
	}
	tour := readDocument(t, filepath.Join(docs, "tour.md"))
	for _, p := range pictures {
		t.Run(p.file, func(t *testing.T) {
			output, err := tour.output(p.section, p.command)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Split(output, "\n")
			if p.shorten != nil {
				want = p.shorten(want)
			}
			data, err := os.Open(filepath.Join(docs, p.file))
			if err != nil {
				t.Fatal(err)
			}
			defer data.Close()
			got, err := drawnLines(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{"$ " + p.command}, want...), got); diff != "" {
				t.Errorf("run make pictures (-tour.md +picture):\n%s", diff)
			}
		})
	}
}

// output returns the output of a command in a section.
func (d document) output(section, command string) (string, error) {
	for _, b := range d.blocks() {
		if b.section != section || b.language != "console" {
			continue
		}
		for _, c := range b.commands() {
			if c.line == command {
				return c.output, nil
			}
		}
	}
	return "", fmt.Errorf("%s: section %q has no command %q", d.name(), section, command)
}

// drawnLines returns the lines of text of an SVG.
func drawnLines(svg io.Reader) ([]string, error) {
	var lines []string
	inText := false
	for decoder := xml.NewDecoder(svg); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "text" {
				inText, lines = true, append(lines, "")
			}
		case xml.EndElement:
			inText = inText && token.Name.Local != "text"
		case xml.CharData:
			if inText {
				lines[len(lines)-1] += string(token)
			}
		}
	}
}
