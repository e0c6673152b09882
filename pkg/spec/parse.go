package spec

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Document is a certs.yaml with its defaults filled in: the file as it stands,
// and once more for every environment.
type Document struct {
	Base         Certs
	Environments []Environment
}

// Environment is the whole of what holds in one environment.
type Environment struct {
	Name  string
	Certs Certs
}

// Parse reads a certs.yaml. The error is an *Error that holds every problem;
// file is the name it uses.
func Parse(file string, data []byte) (Document, error) {
	root, err := parseYAML(file, data)
	if err != nil {
		return Document{}, err
	}
	d := decoder{budget: maxNodes}
	var doc Document
	d.decode(root, nil, reflect.ValueOf(&doc.Base).Elem(), 0)

	c := checker{root: root, certs: &doc.Base, structural: d.list}
	c.header()
	setDefaults(&doc.Base)
	c.check()
	found := d.problems
	found.list = append(found.list, c.list...)
	if len(found.list) == 0 { // an environment of a broken file would only repeat it
		doc.Environments = resolveEnvironments(root, doc.Base, &found)
	}
	return doc, found.err(file)
}

func parseYAML(file string, data []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return nil, &Error{File: file, Problems: []Problem{{Line: 1, Rule: "the file is empty; it starts with apiVersion: " + APIVersion}}}
	case err != nil:
		return nil, syntaxError(file, err)
	}
	switch err := dec.Decode(&more); {
	case err == nil:
		return nil, &Error{File: file, Problems: []Problem{{Line: more.Line, Rule: "a second document; one file is one document"}}}
	case !errors.Is(err, io.EOF):
		return nil, syntaxError(file, err)
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// syntaxError gives the YAML reader's message the form of every other problem.
func syntaxError(file string, err error) error {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	line := 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		text = text[len(m[0]):]
	}
	return &Error{File: file, Problems: []Problem{{Line: line, Rule: "not YAML: " + text}}}
}
