package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Locations reads what locations hold. A location that stands for several becomes as
// many; one that is not there is told as such. Nothing is in it twice.
func (r *Reader) Locations(ctx context.Context, locations []usage.Location, values *usage.Values) ([]usage.LocationState, error) {
	p := &locationReader{Reader: r, ctx: ctx, values: values}
	for _, location := range locations {
		if err := p.location(location); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(p.held, func(a, b usage.LocationState) int { return strings.Compare(a.Location, b.Location) })
	return p.held, nil
}

type locationReader struct {
	*Reader
	ctx    context.Context
	values *usage.Values
	held   []usage.LocationState
}

// add takes a location in, unless it is there already: whole, or a key of it.
func (p *locationReader) add(h usage.LocationState) {
	object, keyed := cutKey(h)
	for _, other := range p.held {
		if same, otherKeyed := cutKey(other); same == object && (other.Location == h.Location || keyed != otherKeyed) {
			return
		}
	}
	p.held = append(p.held, h)
}

// cutKey splits the name of a location. Those of ClusterTrustBundles have colons
// of their own.
func cutKey(h usage.LocationState) (object string, keyed bool) {
	if h.Object.Kind == bundleKind {
		return h.Location, false
	}
	object, _, keyed = strings.Cut(h.Location, ":")
	return object, keyed
}

func (p *locationReader) absent(location usage.Location, why string) {
	ref := usage.Ref{Kind: location.Kind, Namespace: location.Namespace, Name: location.Name}
	p.add(usage.LocationState{Location: location.String(), Object: ref, Absent: why})
}

const (
	notThere      = "is not there"
	noCertificate = "holds no certificate"
)

func (p *locationReader) location(location usage.Location) error {
	if location.Vague() {
		location.Namespace = p.client.Namespace()
	}
	switch location.Kind {
	case "ConfigMap", "Secret":
		return p.selectedObject(location)
	case "Bundle":
		return p.trustManager(location, bundles)
	case "ClusterBundle":
		return p.trustManager(location, clusterBundles)
	case bundleKind:
		return p.clusterTrustBundle(location)
	case usage.Component:
		return p.component(location)
	case usage.OpenShift:
		return p.openShift("")
	}
	return p.named(location.Name)
}

// selectedObject reads a ConfigMap or Secret that may have to be in some
// namespaces.
func (p *locationReader) selectedObject(location usage.Location) error {
	var e expected
	if location.Selected != nil {
		var err error
		if e.in, err = p.selected(location.Selected); err != nil {
			return fmt.Errorf("%s: %w", location, err)
		}
		if len(e.in) == 0 {
			p.add(usage.LocationState{Location: location.String(), Idle: "no namespace is selected"})
			return nil
		}
	}
	return p.object(location, e)
}

// named reads everything of a name. What may not be listed is a location too, of
// which nobody knows what it holds.
func (p *locationReader) named(name string) error {
	var hidden []usage.LocationState
	before := len(p.held)
	everywhere := func(kind string) usage.Location {
		return usage.Location{Kind: kind, Namespace: usage.Everywhere, Name: name}
	}
	for _, kind := range []struct {
		what string
		read func() error
	}{
		{"Bundles", func() error { return p.trustManager(everywhere("Bundle"), bundles) }},
		{"ClusterBundles", func() error { return p.trustManager(everywhere("ClusterBundle"), clusterBundles) }},
		{"ClusterTrustBundles", func() error { return p.clusterTrustBundle(everywhere(bundleKind)) }},
		{"ConfigMaps", func() error { return p.object(everywhere("ConfigMap"), expected{}) }},
		{"Secrets", func() error { return p.object(everywhere("Secret"), expected{}) }},
	} {
		switch err := kind.read(); {
		case apierrors.IsForbidden(err):
			hidden = append(hidden, usage.LocationState{Location: name + " (" + kind.what + ")", Absent: "may not be listed"})
		case err != nil:
			return err
		}
	}
	// Of the kinds that might have had the name, those that have not are no news.
	found := slices.DeleteFunc(p.held[before:], func(h usage.LocationState) bool { return h.Absent != "" && h.Object.Namespace == usage.Everywhere })
	p.held = append(p.held[:before+len(found)], hidden...)
	if len(found)+len(hidden) == 0 {
		p.add(usage.LocationState{Location: name, Absent: "nothing has this name"})
	}
	return nil
}

// expected is what is known beforehand about an object.
type expected struct {
	in    map[string]bool // the namespaces it must be in; nil if that is not known
	mixed bool
}

// object reads a ConfigMap or Secret, or all of the name.
func (p *locationReader) object(location usage.Location, e expected) error {
	if location.Hashed {
		return p.hashed(location)
	}
	if location.Namespace != usage.Everywhere {
		o, found, err := p.getObject(location)
		switch {
		case err != nil:
			return err
		case !found:
			p.absent(location, notThere)
			return nil
		}
		p.take(location, o, e)
		return nil
	}
	seen, why := map[string]bool{}, notThere
	err := p.eachObject(location, func(o dataObject) {
		switch {
		case e.in != nil && !e.in[o.meta.Namespace]:
		case p.take(location, o, e):
			seen[o.meta.Namespace] = true
		default:
			why = noCertificate
		}
	})
	if err != nil {
		return err
	}
	if e.in == nil && len(seen) == 0 {
		p.absent(location, why)
	}
	for namespace := range e.in {
		if !seen[namespace] {
			location.Namespace = namespace
			p.absent(location, notThere)
		}
	}
	return nil
}

// hashed reads the last of the objects with a hash behind a name, of each
// namespace.
func (p *locationReader) hashed(location usage.Location) error {
	last, before := map[string]dataObject{}, map[string][]usage.Ref{}
	err := p.eachObject(location, func(o dataObject) {
		if before, isHashed := manifest.CutHash(o.meta.Name); !isHashed || before != location.Name {
			return
		}
		namespace := o.meta.Namespace
		other, some := last[namespace]
		if some && other.meta.CreationTimestamp.Time.After(o.meta.CreationTimestamp.Time) {
			o, other = other, o
		}
		last[namespace] = o
		if some {
			before[namespace] = append(before[namespace], usage.Ref{Kind: location.Kind, Namespace: namespace, Name: other.meta.Name})
		}
	})
	if err == nil && len(last) == 0 {
		p.absent(location, notThere)
	}
	for namespace, o := range last {
		one := location
		one.Namespace, one.Name, one.Hashed = namespace, o.meta.Name, false
		n := len(p.held)
		p.take(one, o, expected{})
		if len(p.held) > n {
			p.held[n].Before = before[namespace]
		}
	}
	return err
}
