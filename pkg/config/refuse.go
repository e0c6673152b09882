package config

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// Found is something wrong with an entry of trust that only the files it names
// can show.
type Found struct {
	Environment string // "" in the file as it stands
	Trust       int    // the entry
	Field       string // of the entry
	Item        int    // of the field
	Rule        string
}

// Refuse returns the error that Parse would have returned, had it known; nil
// for nothing found.
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

// Name is what the file goes by in problems.
func (d Document) Name() string { return d.file }

// Line returns where an entry of a list is, 0 if there is none.
func (d Document) Line(list string, entry int) int {
	at := (*strictyaml.Path)(nil).At(list).Item(entry)
	if !at.IsGiven(d.root) {
		return 0
	}
	return at.Line(d.root)
}

func inEnvironment(name string) string { return " (environment " + name + ")" }
