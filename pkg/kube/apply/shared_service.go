package apply

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// staticRoutes are the kinds of static challenge routes.
var staticRoutes = []schema.GroupVersionKind{
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
	{Group: "k8s.nginx.org", Version: "v1", Kind: "VirtualServerRoute"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "HTTPRoute"},
}

// sharedServices returns, for Services of the responder among objects that are
// to be deleted, which static challenge route in their namespace is not among
// these objects. Several projects share such a Service; it has the label of the
// set that was applied last.
func (a *Applier) sharedServices(ctx context.Context, objects []manifest.Object) (map[manifest.ID]string, error) {
	deleted := map[manifest.ID]bool{}
	services := map[string][]manifest.ID{} // by namespace
	for _, o := range objects {
		deleted[o.ID()] = true
		if o.Kind() == "Service" && o.Labels()[v1alpha1.StaticLabel] == v1alpha1.StaticValue {
			services[o.Namespace()] = append(services[o.Namespace()], o.ID())
		}
	}
	used := map[manifest.ID]string{}
	for namespace, ids := range services {
		route, err := a.staticRoute(ctx, namespace, deleted)
		if err != nil {
			return nil, err
		}
		if route == (manifest.ID{}) {
			continue
		}
		for _, id := range ids {
			used[id] = fmt.Sprintf("%s sends challenges to it", route)
		}
	}
	return used, nil
}

// staticRoute returns a static challenge route of a namespace that is not among
// the deleted objects, the zero ID if there is none.
func (a *Applier) staticRoute(ctx context.Context, namespace string, deleted map[manifest.ID]bool) (found manifest.ID, err error) {
	for _, kind := range staticRoutes {
		err := a.list(ctx, kind, namespace, v1alpha1.StaticLabel+"="+v1alpha1.StaticValue, func(u *unstructured.Unstructured) {
			if id := manifest.Object(u.Object).ID(); !deleted[id] && u.GetDeletionTimestamp() == nil {
				found = id
			}
		})
		if err != nil || found != (manifest.ID{}) {
			return found, err
		}
	}
	return found, nil
}
