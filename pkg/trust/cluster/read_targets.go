package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// ReadTargets reads the state of locations, as Locations does, and their
// differences from Git other than certificates. All targets must have the same
// Keys.
func (r *Reader) ReadTargets(ctx context.Context, wanted []Target, values *usage.Values) ([]usage.LocationState, error) {
	p := &locationReader{Reader: r, ctx: ctx, values: values}
	for _, w := range wanted {
		n := len(p.held)
		if err := p.readTarget(w); err != nil {
			return nil, err
		}
		for i := range p.held[n:] {
			h := &p.held[n+i]
			h.Mixed = h.Mixed || w.More
			if w.Keys != nil && h.Absent == "" {
				h.Differs = append(h.Differs, otherKeys(w, h.Keys)...)
			}
		}
	}
	slices.SortStableFunc(p.held, func(a, b usage.LocationState) int { return strings.Compare(a.Location, b.Location) })
	return p.held, nil
}

func (p *locationReader) readTarget(w Target) error {
	switch {
	case w.bundle != nil && w.Location.Kind == clusterBundles.kind.Kind:
		return p.compareBundle(w, clusterBundles)
	case w.bundle != nil:
		return p.compareBundle(w, bundles)
	case w.Proxy != "":
		return p.openShift(w.Proxy)
	}
	return p.location(w.Location)
}

// compareBundle compares the spec of a Bundle with Git's. The targets are
// separate locations, read by Git's spec: by the spec of the cluster they would
// all be correct.
func (p *locationReader) compareBundle(w Target, v version) error {
	u, t, err := p.bundle(w.Location, v)
	if err != nil || u == nil {
		return err
	}
	h := usage.LocationState{Location: w.Location.String(), Changed: changed(metaOf(u), false, []string{"spec"}), Differs: w.bundle.against(t)}
	if t.text() != "" {
		p.values.Add(&h, "", []byte(t.text()), true)
	}
	p.add(h)
	return nil
}

// otherKeys reports the extra and missing keys of an object. For a location that
// is one key, Locations reports that the key is missing.
func otherKeys(w Target, have []string) []string {
	var list []string
	for _, key := range w.Keys {
		if w.Location.Key == "" && !slices.Contains(have, key) {
			list = append(list, "has no certificate in key "+key)
		}
	}
	for _, key := range have {
		if !slices.Contains(w.Keys, key) {
			list = append(list, "also has certificates in key "+key)
		}
	}
	return list
}

// against reports the differences of a Bundle of the cluster from Git's, except
// for inLine.
func (t *bundleSpec) against(have bundleSpec) []string {
	var list []string
	differ := func(what, have, want string) {
		if have != want {
			list = append(list, fmt.Sprintf("%s %s; in Git %s", what, have, want))
		}
	}
	differ("reads", listed(have.sources), listed(t.sources))
	switch {
	case have.defaults && !t.defaults:
		list = append(list, "adds the system's CAs; in Git it does not")
	case !have.defaults && t.defaults:
		list = append(list, "does not add the system's CAs; in Git it does")
	}
	differ("writes", listed(have.writes()), listed(t.writes()))
	differ("selects", selectorText(have.selector), selectorText(t.selector))
	return list
}

// writes returns the targets as text: configmap:ca.crt (PEM).
func (t *bundleSpec) writes() []string {
	var list []string
	for i, target := range t.targets {
		list = append(list, fmt.Sprintf("%s:%s (%s)", strings.ToLower(target.Kind), target.Key, t.formats[i]))
	}
	return list
}

// listed joins words, sorted and without duplicates.
func listed(words []string) string {
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " and ")
}

// selectorText describes the selected namespaces. Equivalent selectors have the
// same text.
func selectorText(s *metav1.LabelSelector) string {
	selector, err := metav1.LabelSelectorAsSelector(s)
	switch {
	case err != nil:
		return "by " + err.Error()
	case s == nil:
		return "no namespaces"
	case selector.Empty():
		return "all namespaces"
	}
	requirements, _ := selector.Requirements()
	var terms []string
	for _, r := range requirements {
		term := r.String()
		if values := r.Values().List(); len(values) == 1 && r.Operator() == selection.In {
			term = r.Key() + "=" + values[0]
		}
		terms = append(terms, term)
	}
	slices.Sort(terms)
	return "namespaces with " + strings.Join(terms, ",")
}
