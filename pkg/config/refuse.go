package config

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// Found is a problem of an entry of trust that shows only in the files it
// names.
type Found struct {
	Environment string // "" for the file as written
	Trust       int    // the entry
	Field       string // of the entry
	Item        int    // of the field
	Rule        string
}

// Refuse returns the problems in the form of Parse's error, nil if there are
// none.
func (d Document) Refuse(found []Found) error {
	var all strictyaml.Problems
	for _, f := range found {
		at, root := (*strictyaml.Path)(nil).At("trust").Item(f.Trust).At(f.Field).Item(f.Item), d.root
		p := problem.Problem{Path: at.String(), Rule: f.Rule}
		for _, e := range d.Environments {
			if e.Name == f.Environment {
				root = e.root
				p.Path += inEnvironment(e.Name)
			}
		}
		p.Line = at.Line(root)
		all.List = append(all.List, p)
	}
	return all.Err(d.file)
}

// Name is the name of the file in problems.
func (d Document) Name() string { return d.file }

// Line returns the line of an entry of a list, 0 if there is no such entry.
func (d Document) Line(list string, entry int) int {
	at := (*strictyaml.Path)(nil).At(list).Item(entry)
	if !at.IsGiven(d.root) {
		return 0
	}
	return at.Line(d.root)
}

// FieldLine returns the line at which an environment sets a field of an entry of a
// list, such as acme.server, 0 if it leaves the field as it is in the file.
func (d Document) FieldLine(environment, list string, entry int, field string) int {
	at := (*strictyaml.Path)(nil).At(list).Item(entry)
	for key := range strings.SplitSeq(field, ".") {
		at = at.At(key)
	}
	for _, e := range d.Environments {
		if e.Name == environment && at.IsGiven(e.root) {
			if line := at.Line(e.root); !at.IsGiven(d.root) || line != at.Line(d.root) {
				return line
			}
		}
	}
	return 0
}

func inEnvironment(name string) string { return " (environment " + name + ")" }
