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

// ReadTargets reads what locations hold, as Locations does, and in what they are other than
// Git has them, besides certificates. All are to have the same keys.
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

// compareBundle compares a Bundle with Git's, whose targets are locations of their
// own: of what the cluster's says they would all be right.
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

// otherKeys says which keys an object has too many, and which it lacks. A location
// that is one key says only of that one that it is not there.
func otherKeys(w Target, have []string) []string {
	var list []string
	for _, key := range w.Keys {
		if w.Location.Key == "" && !slices.Contains(have, key) {
			list = append(list, "has no certificate under "+key)
		}
	}
	for _, key := range have {
		if !slices.Contains(w.Keys, key) {
			list = append(list, "has certificates under "+key+" besides")
		}
	}
	return list
}

// against says in what a Bundle of the cluster is other than Git's, but for what
// it has in line.
func (t *bundleSpec) against(have bundleSpec) []string {
	var list []string
	differ := func(what, have, want string) {
		if have != want {
			list = append(list, fmt.Sprintf("%s %s, in Git %s", what, have, want))
		}
	}
	differ("reads", listed(have.sources), listed(t.sources))
	switch {
	case have.defaults && !t.defaults:
		list = append(list, "adds the system's CAs, in Git not")
	case !have.defaults && t.defaults:
		list = append(list, "does not add the system's CAs, in Git it does")
	}
	differ("writes", listed(have.writes()), listed(t.writes()))
	differ("selects", selectorText(have.selector), selectorText(t.selector))
	return list
}

// writes are the targets in words: configmap:ca.crt (PEM).
func (t *bundleSpec) writes() []string {
	var list []string
	for i, target := range t.targets {
		list = append(list, fmt.Sprintf("%s:%s (%s)", strings.ToLower(target.Kind), target.Key, t.formats[i]))
	}
	return list
}

// listed are words in an order of their own, each once.
func listed(words []string) string {
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " and ")
}

// selectorText says which namespaces are meant. It is the same for all ways to
// write a selector.
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
