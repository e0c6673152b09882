package cluster

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

const bundleKind = "ClusterTrustBundle"

// locationReader collects the states of locations.
type locationReader struct {
	*Reader
	ctx    context.Context
	values *usage.Values
	held   []usage.LocationState
}

// add adds a location, unless it is there already, as a whole or as a key.
func (p *locationReader) add(h usage.LocationState) {
	object, keyed := cutKey(h)
	for _, other := range p.held {
		if same, otherKeyed := cutKey(other); same == object && (other.Location == h.Location || keyed != otherKeyed) {
			return
		}
	}
	p.held = append(p.held, h)
}

// cutKey splits the name of a location. Names of ClusterTrustBundles may have
// colons but have no key.
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
	notFound      = "not found"
	noCertificate = "has no certificate"
)

// expected is what a Bundle requires of an object.
type expected struct {
	in    map[string]bool // the namespaces it must be in; nil if unknown
	mixed bool
}

// getKind reads a cluster-scoped object, or returns the reason why there is none.
func (p *locationReader) getKind(kind schema.GroupVersionKind, name string) (u *unstructured.Unstructured, why string, err error) {
	mapping, err := p.client.Mapping(kind)
	switch {
	case meta.IsNoMatchError(err):
		return nil, "the cluster does not serve " + kind.Kind, nil
	case err != nil:
		return nil, "", err
	}
	u, err = p.client.Resource(mapping, "").Get(p.ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, notFound, nil
	case err != nil:
		return nil, "", fmt.Errorf("read %s/%s: %w", strings.ToLower(kind.Kind), name, kube.WrapUnavailable(err))
	}
	return u, "", nil
}

func metaOf(u *unstructured.Unstructured) metav1.ObjectMeta {
	var o struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &o) // unreadable fields stay zero
	return o.Metadata
}
