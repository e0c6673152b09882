package lint

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Merged is a finding of one or more environments or kustomizations.
type Merged struct {
	Finding
	Scopes []string // the environments or overlays that have it; nil for all
	built  bool     // the source is a kustomization
	first  string   // the first kustomization that has it
}

// Allow makes findings with one of the IDs notes, except firm ones.
func Allow(found []Merged, ids []string) {
	for i := range found {
		if !found[i].Firm {
			found[i].Finding.Allow(ids)
		}
	}
}

// AtLeast reports whether a finding has a severity or a higher one.
func AtLeast(found []Merged, limit finding.Severity) bool {
	return slices.ContainsFunc(found, func(f Merged) bool { return f.Severity.AtLeast(limit) })
}

// Report returns the finding for a report.
func (m Merged) Report() finding.Reported {
	rule, _ := RuleOf(m.ID)
	return finding.Reported{Finding: m.Finding.Finding, What: rule.What, Why: rule.Why, Scopes: m.Scopes, File: m.file()}
}

// file returns a file in the working directory: the kustomization.yaml of a
// kustomization, or the working copy of a file of a git revision.
func (m Merged) file() string {
	file := m.Position.Source
	if m.built {
		file = path.Join(m.first, "kustomization.yaml")
	}
	if rest, isGit := strings.CutPrefix(file, "git:"); isGit {
		_, file, _ = strings.Cut(rest, ":")
	}
	return file
}

// Merger collects the findings of several environments or kustomizations without
// duplicates. The zero value is ready to use.
type Merger struct {
	// Environments is true if the names passed to Begin are environments, which
	// findings list.
	Environments bool

	current        string
	names          []string
	kustomizations int // among the names
	found          []Merged
	index          map[Finding]int
	objects        map[manifest.ID]bool
}

// base is the name of the configuration without an environment.
const base = "as it stands"

// Begin starts the findings of an environment or of a file.
func (m *Merger) Begin(name string) { m.current, m.names = name, append(m.names, name) }

// BeginBuilt starts the findings of a kustomization.
func (m *Merger) BeginBuilt(dir string) {
	m.Begin(dir)
	m.kustomizations++
}

// BeginBase starts the findings of the configuration without an environment.
func (m *Merger) BeginBase() { m.current = base }

// Count adds objects to those that have been checked.
func (m *Merger) Count(objects []manifest.Object) {
	if m.objects == nil {
		m.objects = map[manifest.ID]bool{}
	}
	for _, o := range objects {
		m.objects[o.ID()] = true
	}
}

// Objects returns the number of counted objects, each ID once.
func (m *Merger) Objects() int { return len(m.objects) }

// Add adds a finding of a file.
func (m *Merger) Add(f Finding) { m.add(f, false) }

func (m *Merger) add(f Finding, built bool) {
	if m.index == nil {
		m.index = map[Finding]int{}
	}
	key := f
	key.Index = 0
	if built {
		key.Position.Source = ""
	}
	i, known := m.index[key]
	if !known {
		i = len(m.found)
		m.index[key] = i
		m.found = append(m.found, Merged{Finding: f, built: built})
	}
	if at := &m.found[i]; !slices.Contains(at.Scopes, m.current) {
		at.Scopes = append(at.Scopes, m.current)
	}
}

// Findings returns the findings sorted by source and line. The source of a
// finding of several kustomizations is their common folder. Findings of files and
// of all environments have no scopes. Call it once, at the end.
func (m *Merger) Findings() []Merged {
	for i := range m.found {
		f := &m.found[i]
		switch {
		case f.built:
			m.locateBuilt(f)
		case !m.Environments || m.isEverywhere(f.Scopes):
			f.Scopes = nil
		}
	}
	slices.SortStableFunc(m.found, func(a, b Merged) int {
		return cmp.Or(strings.Compare(a.Position.Source, b.Position.Source), a.Position.Line-b.Position.Line)
	})
	return m.found
}

func (m *Merger) isEverywhere(scopes []string) bool {
	n := len(scopes)
	if slices.Contains(scopes, base) {
		n--
	}
	return n == len(m.names)
}

func (m *Merger) locateBuilt(f *Merged) {
	f.first, f.Position.Source = f.Scopes[0], sharedFolder(f.Scopes)
	for i, dir := range f.Scopes {
		f.Scopes[i] = strings.TrimPrefix(strings.TrimPrefix(dir, f.Position.Source), "/")
	}
	if len(f.Scopes) == m.kustomizations || len(f.Scopes) == 1 {
		f.Scopes = nil
	}
}

// sharedFolder returns the innermost folder that contains all paths.
func sharedFolder(paths []string) string {
	common := paths[0]
	for _, p := range paths[1:] {
		for common != "." && common != "/" && p != common && !strings.HasPrefix(p, common+"/") {
			common = path.Dir(common)
		}
	}
	return common
}
