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
		r.side(&m, side, everywhere)
	}
	r.linter.objects += len(m.objects)
	for _, p := range r.beside {
		r.side(&m, []piece{p}, nil, "C401", "C408")
	}
	r.found = append(r.found, m.done()...)
}

// side judges what is meant to be together; with IDs it tells of these only.
func (r *pathReader) side(m *merger, side []piece, everywhere []manifest.Issuer, only ...string) {
	var objects []manifest.Object
	var from []int // the piece of each object
	for i, p := range side {
		for _, o := range p.objects {
			objects, from = append(objects, o), append(from, i)
		}
	}
	m.side(side[0].source)
	m.kustomizations += countTrue(side[0].data == nil)
	if len(only) == 0 {
		m.count(objects)
	}
	texts := map[int]*lines{}
	for _, f := range lint.Judge(objects, everywhere, r.now) {
		if len(only) > 0 && !slices.Contains(only, f.ID) {
			continue
		}
		i := from[f.Index]
		if texts[i] == nil {
			texts[i] = newLines(side[i].data)
		}
		m.add(located{Finding: f, source: side[i].source, line: texts[i].of(objects[f.Index].ID(), f.Field), built: side[i].data == nil})
	}
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
