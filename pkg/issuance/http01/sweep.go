package http01

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// solverKinds are the kinds of a solver's objects.
var solverKinds = []schema.GroupVersionKind{
	{Version: "v1", Kind: "Pod"}, {Version: "v1", Kind: "Service"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "HTTPRoute"},
}

// Sweep deletes solver objects of interrupted runs in some namespaces, "" for all, except those
// of Secrets with an order in progress.
func Sweep(ctx context.Context, client *kube.Client, namespaces []string, underWay []issuance.Ref) error {
	keep := map[string]bool{}
	for _, ref := range underWay {
		keep[ref.Namespace+"/"+labelOf(ref.Name)] = true
	}
	var errs []error
	for _, kind := range solverKinds {
		mapping, err := client.Mapping(kind)
		if meta.IsNoMatchError(err) {
			continue
		}
		if err != nil {
			return err
		}
		for _, namespace := range namespaces {
			err := client.List(ctx, mapping, namespace, metav1.ListOptions{Limit: kube.PageSize, LabelSelector: v1alpha1.SolverForLabel}, func(u *unstructured.Unstructured) {
				if !keep[u.GetNamespace()+"/"+u.GetLabels()[v1alpha1.SolverForLabel]] {
					errs = append(errs, client.Delete(ctx, manifest.Object(u.Object), false))
				}
			})
			if err != nil && !apierrors.IsForbidden(err) { // without the right to list them, no run could create them
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
