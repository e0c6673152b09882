package cli

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// located is a finding, where it is, and in which of several environments or
// overlays, none for all.
type located struct {
	lint.Finding
	source string
	line   int    // 0 where there are none
	built  bool   // source is a kustomization
	first  string // the first of several
	in     []string
}

// merger puts the findings of several environments or kustomizations together:
// what is in many of them is told once.
type merger struct {
	names   []string
	found   []located // in their order
	index   map[mergeKey]int
	objects map[manifest.ID]bool

	environments   bool // the names are of environments, and told
	kustomizations int  // how many of the names are of these
}

// side begins the findings of another environment.
func (m *merger) side(name string) { m.names = append(m.names, name) }

// count notes which objects are judged.
func (m *merger) count(objects []manifest.Object) {
	if m.objects == nil {
		m.objects = map[manifest.ID]bool{}
	}
	for _, o := range objects {
		m.objects[o.ID()] = true
	}
}

// mergeKey is what is the same of one finding in several environments.
type mergeKey struct {
	lint.Finding
	source string
	line   int
}

func (m *merger) add(f located) {
	if m.index == nil {
		m.index = map[mergeKey]int{}
	}
	key := mergeKey{f.Finding, f.source, f.line}
	key.Index = 0
	if f.built {
		key.source = ""
	}
	i, known := m.index[key]
	if !known {
		i = len(m.found)
		m.index[key] = i
		m.found = append(m.found, f)
	}
	at := &m.found[i]
	if now := m.names[len(m.names)-1]; !slices.Contains(at.in, now) {
		at.in = append(at.in, now)
	}
}

// done returns the findings in order of their places. One that is in several
// kustomizations is in the folder that they share; those of files, and those
// of all environments, need not say where they are.
func (m *merger) done() []located {
	for i := range m.found {
		f := &m.found[i]
		everywhere := len(f.in)-countTrue(slices.Contains(f.in, asItStands)) == len(m.names)
		switch {
		case f.built:
			f.first, f.source = f.in[0], shared(f.in)
			for k, dir := range f.in {
				f.in[k] = strings.TrimPrefix(strings.TrimPrefix(dir, f.source), "/")
			}
			if len(f.in) == m.kustomizations || len(f.in) == 1 {
				f.in = nil
			}
		case everywhere || !m.environments:
			f.in = nil
		}
	}
	slices.SortStableFunc(m.found, func(a, b located) int { return cmp.Or(strings.Compare(a.source, b.source), a.line-b.line) })
	return m.found
}

// shared is the folder that some paths have in common.
func shared(paths []string) string {
	common := paths[0]
	for _, p := range paths[1:] {
		for common != "." && common != "/" && p != common && !strings.HasPrefix(p, common+"/") {
			common = path.Dir(common)
		}
	}
	return common
}
