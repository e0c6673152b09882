package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Locations reads the state of locations. A location may match several objects,
// each of which has a state. A missing one has a state with a reason. The result
// has no duplicates.
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

// selectedObject reads a ConfigMap or Secret, in the selected namespaces if the
// location has a selector.
func (p *locationReader) selectedObject(location usage.Location) error {
	var e expected
	if location.Selected != nil {
		var err error
		if e.in, err = p.selected(location.Selected); err != nil {
			return fmt.Errorf("%s: %w", location, err)
		}
		if len(e.in) == 0 {
			p.add(usage.LocationState{Location: location.String(), Idle: "selects no namespace"})
			return nil
		}
	}
	return p.object(location, e)
}

// named reads the objects of all kinds with a name. A kind that is forbidden to
// list becomes a location with unknown content.
func (p *locationReader) named(name string) error {
	// The same objects may be held already, as other locations.
	own := &locationReader{Reader: p.Reader, ctx: p.ctx, values: p.values}
	var hidden []usage.LocationState
	everywhere := func(kind string) usage.Location {
		return usage.Location{Kind: kind, Namespace: usage.Everywhere, Name: name}
	}
	for _, kind := range []struct {
		what string
		read func() error
	}{
		{"Bundles", func() error { return own.trustManager(everywhere("Bundle"), bundles) }},
		{"ClusterBundles", func() error { return own.trustManager(everywhere("ClusterBundle"), clusterBundles) }},
		{"ClusterTrustBundles", func() error { return own.clusterTrustBundle(everywhere(bundleKind)) }},
		{"ConfigMaps", func() error { return own.object(everywhere("ConfigMap"), expected{}) }},
		{"Secrets", func() error { return own.object(everywhere("Secret"), expected{}) }},
	} {
		switch err := kind.read(); {
		case apierrors.IsForbidden(err):
			hidden = append(hidden, usage.LocationState{Location: name + " (" + kind.what + ")", Absent: "listing is forbidden"})
		case err != nil:
			return err
		}
	}
	// It is normal that most kinds have no object with the name.
	found := slices.DeleteFunc(own.held, func(h usage.LocationState) bool { return h.Absent != "" && h.Object.Namespace == usage.Everywhere })
	found = append(found, hidden...)
	if len(found) == 0 {
		found = []usage.LocationState{{Location: name, Absent: "no object has this name"}}
	}
	for _, h := range found {
		p.add(h)
	}
	return nil
}
