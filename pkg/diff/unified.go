package diff

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// unified returns the hunks of a diff of two objects, each with the path at
// which it begins.
func unified(old, new manifest.Object) string {
	a := manifest.Encode(old)
	patch := diff.Diff("", a, "", manifest.Encode(new))
	for range 3 { // the file header
		_, patch, _ = bytes.Cut(patch, []byte("\n"))
	}
	lines := strings.Split(string(a), "\n")
	var s strings.Builder
	for line := range strings.Lines(string(patch)) {
		s.WriteString(withPath(line, lines))
	}
	return finish(s.String())
}

// prefixed returns the text of an object with a sign before each line.
func prefixed(sign string, o manifest.Object) string {
	var s strings.Builder
	for line := range strings.Lines(string(manifest.Encode(o))) {
		s.WriteString(sign)
		s.WriteString(line)
	}
	return finish(s.String())
}

// quotedMask is a mask as YAML writes it, since * begins an alias.
var quotedMask = regexp.MustCompile(`'(\*\*\* \([0-9][a-z0-9, ]*\))'`)

func finish(text string) string {
	if strings.Contains(text, maskPrefix) {
		text = quotedMask.ReplaceAllString(text, "$1")
	}
	return printable.Text(text)
}

func count(text string) (adds, dels int) {
	for line := range strings.Lines(text) {
		switch line[0] {
		case '+':
			adds++
		case '-':
			dels++
		}
	}
	return adds, dels
}

// withPath adds to a hunk's header the path of the map or list that its first
// line is in, as git does with functions.
func withPath(line string, old []string) string {
	after, isHunk := strings.CutPrefix(line, "@@ -")
	if !isHunk {
		return line
	}
	number, _, _ := strings.Cut(after, ",")
	first, err := strconv.Atoi(number)
	if err != nil || first < 1 || first > len(old) {
		return line
	}
	path := pathAt(old, first-1)
	if path == "" {
		return line
	}
	return strings.TrimSuffix(line, "\n") + " " + path + "\n"
}

// pathAt returns the parent keys of a line of canonical YAML: the nearest lines
// above with less indentation.
func pathAt(lines []string, i int) string {
	var up []string
	limit := column(lines[i])
	for i--; i >= 0 && limit > 0; i-- {
		if at := column(lines[i]); at < limit && lines[i] != "" {
			name, _, _ := strings.Cut(lines[i][at:], ":")
			up = append(up, strings.Trim(name, `"'`))
			limit = at
		}
	}
	path := ""
	for _, name := range slices.Backward(up) {
		path = joinKey(path, name)
	}
	return path
}

// column returns the column of the first character after spaces and dashes.
func column(line string) int {
	text := strings.TrimLeft(line, " ")
	for strings.HasPrefix(text, "- ") {
		text = text[2:]
	}
	return len(line) - len(text)
}
