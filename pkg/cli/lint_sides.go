package cli

import (
	"maps"
	"reflect"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// judge judges each side. Issuers that only other sides have can be asked too,
// where all of these agree on what they are.
func (r *pathReader) judge() {
	var m merger
	everywhere := r.issuers()
	for _, side := range r.sides {
		if r.ctx.Err() != nil {
			r.failed = append(r.failed, r.ctx.Err())
			return
		}
		var objects []manifest.Object
		var from []int // the piece of each object
		for i, p := range side {
			for _, o := range p.objects {
				objects, from = append(objects, o), append(from, i)
			}
		}
		m.side(side[0].source)
		m.count(objects)
		texts := map[int]*lines{}
		for _, f := range lint.Judge(objects, everywhere, r.now) {
			p := side[from[f.Index]]
			at := located{Finding: f, source: p.source, built: p.data == nil}
			if texts[from[f.Index]] == nil {
				texts[from[f.Index]] = newLines(p.data)
			}
			at.line = texts[from[f.Index]].of(objects[f.Index].ID(), f.Field)
			m.add(at)
		}
	}
	r.found, r.linter.objects = append(r.found, m.done()...), r.linter.objects+len(m.objects)
}

// issuers are those of all sides of which there is only one.
func (r *pathReader) issuers() []manifest.Issuer {
	if len(r.sides) < 2 {
		return nil
	}
	first := map[manifest.ID]manifest.Issuer{}
	torn := map[manifest.ID]bool{}
	for _, side := range r.sides {
		for _, p := range side {
			found, _ := manifest.Issuers(p.objects) // what is wrong with them is told where they are judged
			for _, i := range found {
				id := manifest.ID{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
				if before, known := first[id]; known && !reflect.DeepEqual(before.Spec, i.Spec) {
					torn[id] = true
				}
				first[id] = i
			}
		}
	}
	var agreed []manifest.Issuer
	for _, id := range slices.SortedFunc(maps.Keys(first), manifest.ID.Compare) {
		if !torn[id] {
			agreed = append(agreed, first[id])
		}
	}
	return agreed
}
