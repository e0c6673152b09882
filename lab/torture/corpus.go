package main

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// corpus is what cases are made from: the test data of the repository.
type corpus struct {
	trust     map[string][]byte // certificate files by name
	names     []string          // of them, sorted
	documents []document
	specs     []document // of kind Certs
}

// document is a YAML document of an object.
type document struct {
	from string
	text string
	tree map[string]any
}

func readCorpus(root string) (corpus, error) {
	c := corpus{trust: map[string][]byte{}}
	folder := filepath.Join(root, "testdata", "trust")
	entries, err := os.ReadDir(folder)
	if err != nil {
		return c, err
	}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), ".want") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return c, err
		}
		c.trust[entry.Name()] = data
		c.names = append(c.names, entry.Name())
	}
	for _, folder := range []string{"testdata/lint", "testdata/overlay", "testdata/cafe", "testdata/script", "testdata/config", "kustomize", "docs/run", ".bin/crds"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			c.take(path, string(data))
			return err
		})
		if err != nil {
			return c, err
		}
	}
	if len(c.names) < 100 || len(c.documents) < 200 || len(c.specs) < 50 {
		return c, fmt.Errorf("only %d certificate files, %d objects and %d certs.yaml in the test data", len(c.names), len(c.documents), len(c.specs))
	}
	return c, nil
}

// take takes the documents of a YAML file or of an archive of files.
func (c *corpus) take(path, text string) {
	switch filepath.Ext(path) {
	case ".txtar":
		for name, content := range unpack(text) {
			if filepath.Ext(name) != ".txtar" {
				c.take(name, content)
			}
		}
	case ".yaml", ".yml":
		for _, part := range regexp.MustCompile(`(?m)^---.*\n`).Split(text, -1) {
			d := document{from: path, text: part}
			// YAML 1.1 takes y and n for true and false, Kustomize for text.
			if yaml.Unmarshal([]byte(part), &d.tree) != nil || d.tree["kind"] == nil || yesOrNo.MatchString(part) {
				continue
			}
			if d.tree["kind"] == "Certs" {
				c.specs = append(c.specs, d)
			} else {
				c.documents = append(c.documents, d)
			}
		}
	}
}

var yesOrNo = regexp.MustCompile(`(?m)[:,\[] *[yYnN] *($|[,}\]])`)

// unpack reads the files of an archive of the txtar format, in order.
func unpack(text string) func(yield func(name, content string) bool) {
	return func(yield func(string, string) bool) {
		marks := regexp.MustCompile(`(?m)^-- (.+) --\n`).FindAllStringSubmatchIndex(text, -1)
		for i, at := range marks {
			end := len(text)
			if i+1 < len(marks) {
				end = marks[i+1][0]
			}
			if !yield(text[at[2]:at[3]], text[at[1]:end]) {
				return
			}
		}
	}
}

// keyBodies are lines of the private keys in a text.
func keyBodies(data []byte) []string {
	var bodies []string
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return bodies
		}
		lines := strings.Split(string(pem.EncodeToMemory(block)), "\n")
		if line := lines[len(lines)/2-1]; len(line) >= 40 && strings.Contains(block.Type, "PRIVATE KEY") {
			bodies = append(bodies, line)
		}
	}
}

// keyBodies leaves out certificates that are only called keys.
func (c *corpus) keyBodies(data []byte) []string {
	return slices.DeleteFunc(keyBodies(data), func(line string) bool {
		return slices.ContainsFunc(c.names, func(name string) bool {
			return !strings.Contains(name, "key") && bytes.Contains(c.trust[name], []byte(line))
		})
	})
}
