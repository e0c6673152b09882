package lint

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
)

// Targets are sets of documents, each checked by itself. The zero value is empty.
type Targets struct {
	// All are the sets of documents that are applied together: those of one
	// kustomization, or of the files without a kustomization.
	All [][]position.Document
	// Unlisted are files beside a kustomization that does not list them. They are
	// not applied, but a private key in them is still in Git.
	Unlisted []position.Document
}

// unlistedIDs are the findings about unlisted files.
var unlistedIDs = []string{"C401", "C408"}

// IsEmpty reports whether there are targets but no objects in them.
func (t Targets) IsEmpty() bool {
	n := 0
	for _, d := range slices.Concat(t.All...) {
		n += len(d.Objects)
	}
	return len(t.All) > 0 && n == 0
}

// CheckTargets checks targets as of a time. An object of one target may refer to
// an issuer of another, if all targets with that issuer agree on it. It returns
// the findings and the number of objects. If stop returns an error, it returns
// that.
func CheckTargets(t Targets, now time.Time, stop func() error) (found []Merged, objects int, err error) {
	var m Merger
	elsewhere := agreedIssuers(t.All)
	for _, target := range t.All {
		if err := stop(); err != nil {
			return nil, 0, err
		}
		for _, d := range target {
			m.Count(d.Objects)
		}
		checkTarget(&m, target, func(objects []manifest.Object) []Finding { return Check(objects, elsewhere, now) })
	}
	for _, d := range t.Unlisted {
		checkTarget(&m, []position.Document{d}, func(objects []manifest.Object) []Finding {
			return slices.DeleteFunc(Check(objects, nil, now), func(f Finding) bool { return !slices.Contains(unlistedIDs, f.ID) })
		})
	}
	return m.Findings(), m.Objects(), nil
}

// checkTarget adds the findings of a target, with their sources and lines.
func checkTarget(m *Merger, target []position.Document, check func([]manifest.Object) []Finding) {
	if target[0].IsBuilt() {
		m.BeginBuilt(target[0].Source)
	} else {
		m.Begin(target[0].Source)
	}
	documents := NewDocuments(target)
	for _, f := range check(documents.Objects) {
		m.add(documents.Locate(f), target[0].IsBuilt())
	}
}

// Documents are the objects of documents, with their positions.
type Documents struct {
	Objects   []manifest.Object // in the order of the documents
	documents []position.Document
	from      []int // the document of each object
	lines     map[int]position.Lines
}

// NewDocuments returns the objects of documents.
func NewDocuments(documents []position.Document) *Documents {
	all := &Documents{documents: documents, lines: map[int]position.Lines{}}
	for i, d := range documents {
		for _, o := range d.Objects {
			all.Objects, all.from = append(all.Objects, o), append(all.from, i)
		}
	}
	return all
}

// Locate adds source and line to a finding about one of the objects. The output
// of a kustomization has no lines.
func (d *Documents) Locate(f Finding) Finding {
	i := d.from[f.Index]
	f.Position.Source = d.documents[i].Source
	if d.documents[i].IsBuilt() {
		return f
	}
	if _, read := d.lines[i]; !read {
		d.lines[i] = position.Read(d.documents[i].Data)
	}
	f.Position.Line = d.lines[i].Of(d.Objects[f.Index].ID(), f.Position.Field)
	return f
}

// agreedIssuers returns the issuers that do not differ between targets; nil if
// there is only one target.
func agreedIssuers(targets [][]position.Document) []manifest.Issuer {
	if len(targets) < 2 {
		return nil
	}
	first, disputed := map[manifest.ID]manifest.Issuer{}, map[manifest.ID]bool{}
	for _, d := range slices.Concat(targets...) {
		found, _ := manifest.Issuers(d.Objects) // Check reports the error
		for _, i := range found {
			id := manifest.ID{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
			if before, known := first[id]; known && !reflect.DeepEqual(before.Spec, i.Spec) {
				disputed[id] = true
			}
			first[id] = i
		}
	}
	var agreed []manifest.Issuer
	for _, id := range slices.SortedFunc(maps.Keys(first), manifest.ID.Compare) {
		if !disputed[id] {
			agreed = append(agreed, first[id])
		}
	}
	return agreed
}
