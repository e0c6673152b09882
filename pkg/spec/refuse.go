package spec

import "github.com/kubectl-certs/kubectl-certs/pkg/problem"

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
	var all problems
	for _, f := range found {
		at, root := (*path)(nil).at("trust").item(f.Trust).at(f.Field).item(f.Item), d.root
		p := problem.Problem{Path: at.String(), Rule: f.Rule}
		for _, e := range d.Environments {
			if e.Name == f.Environment {
				root = e.root
				p.Path += inEnvironment(e.Name)
			}
		}
		p.Line = at.line(root)
		all.list = append(all.list, p)
	}
	return all.err(d.file)
}

// Name is what the file goes by in problems.
func (d Document) Name() string { return d.file }

// Line returns where an entry of a list is, 0 if there is none.
func (d Document) Line(list string, entry int) int {
	at := (*path)(nil).at(list).item(entry)
	if !at.isGiven(d.root) {
		return 0
	}
	return at.line(d.root)
}

func inEnvironment(name string) string { return " (environment " + name + ")" }
