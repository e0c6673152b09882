package overlay

import (
	"io/fs"
	"path"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Affixes are the prefix and suffix that a kustomization and those that it
// includes add to a name.
type Affixes struct{ Prefix, Suffix string }

// rename returns a name with the affixes.
func (a Affixes) rename(name string) string { return a.Prefix + name + a.Suffix }

// around returns a combined with the affixes of an included kustomization,
// which are applied first.
func (a Affixes) around(inner Affixes) Affixes {
	return Affixes{a.Prefix + inner.Prefix, inner.Suffix + a.Suffix}
}

// NameAffixes returns each combination of namePrefix and nameSuffix that the
// kustomization in a folder applies to any of its resources, without the empty
// one. A kustomization that cannot be read has none; its build reports the
// error.
func NameAffixes(fsys fs.FS, dir string) []Affixes {
	f := affixFinder{fsys: fsys, seen: map[affixVisit]bool{}}
	f.visit(dir, Affixes{})
	var found []Affixes
	for v := range f.seen {
		if v.Affixes != (Affixes{}) {
			found = append(found, v.Affixes)
		}
	}
	slices.SortFunc(found, func(a, b Affixes) int {
		return slices.Compare([]string{a.Prefix, a.Suffix}, []string{b.Prefix, b.Suffix})
	})
	return slices.Compact(found)
}

// affixVisit is a kustomization with the affixes of those that include it.
type affixVisit struct {
	dir string
	Affixes
}

type affixFinder struct {
	fsys fs.FS
	seen map[affixVisit]bool
}

// Includes can form cycles and can multiply. A name has at most 253 characters,
// and no real kustomization includes 10,000 others.
const (
	maxAffixes = 253
	maxVisits  = 10_000
)

// visit visits a kustomization and returns the affixes of its resources. Those
// of a component apply to everything listed before it.
func (f *affixFinder) visit(dir string, outer Affixes) Affixes {
	k, err := readAffixes(f.fsys, dir)
	if err != nil {
		return outer
	}
	at := outer.around(Affixes{k.NamePrefix, k.NameSuffix})
	if f.seen[affixVisit{dir, at}] || len(f.seen) >= maxVisits || len(at.Prefix)+len(at.Suffix) > maxAffixes {
		return at
	}
	f.seen[affixVisit{dir, at}] = true
	inner := at
	for _, entry := range slices.Backward(k.Components) {
		inner = f.visit(path.Join(dir, entry), inner)
	}
	f.seen[affixVisit{dir, inner}] = true
	for _, entry := range slices.Concat(k.Resources, k.Bases) {
		f.visit(path.Join(dir, entry), inner)
	}
	return inner
}

// affixKustomization has the fields of a kustomization that change names, and
// the resources that they apply to.
type affixKustomization struct {
	NamePrefix string   `yaml:"namePrefix"`
	NameSuffix string   `yaml:"nameSuffix"`
	Resources  []string `yaml:"resources"`
	Bases      []string `yaml:"bases"`
	Components []string `yaml:"components"`
}

func readAffixes(fsys fs.FS, dir string) (k affixKustomization, err error) {
	data, err := readKustomization(fsys, dir)
	if err != nil {
		return k, err
	}
	for doc, err := range (*limits.Budget)(nil).Documents(data) {
		if err != nil {
			return k, err
		}
		return k, doc.Decode(&k)
	}
	return k, nil
}
