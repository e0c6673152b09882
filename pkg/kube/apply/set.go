package apply

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// withSet returns an object with the label of a set, unchanged if set is "".
func withSet(o manifest.Object, set string) manifest.Object {
	if set == "" {
		return o
	}
	o = o.Clone()
	metadata := o.Map("metadata")
	labels, _ := metadata["labels"].(map[string]any)
	if labels == nil {
		labels = map[string]any{}
		metadata["labels"] = labels
	}
	labels[v1alpha1.SetLabel] = set
	return o
}

// generatedKinds are the generated kinds that may be deleted, but for Secret, whose
// objects need not be listed: see aksSecret. OpenShift's Proxy
// is not among them: it belongs to the cluster, and only one of its fields is
// generated.
var generatedKinds = []schema.GroupVersionKind{
	{Group: "cert-manager.io", Version: "v1", Kind: "ClusterIssuer"},
	{Group: "cert-manager.io", Version: "v1", Kind: "Issuer"},
	{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
	{Group: "k8s.nginx.org", Version: "v1", Kind: "VirtualServer"},
	{Group: "k8s.nginx.org", Version: "v1", Kind: "VirtualServerRoute"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "Gateway"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "ListenerSet"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "HTTPRoute"},
	{Version: "v1", Kind: "Service"},
	{Group: "externaldns.k8s.io", Version: "v1alpha1", Kind: "DNSEndpoint"},
	{Version: "v1", Kind: "ConfigMap"},
	{Group: "trust.cert-manager.io", Version: "v1alpha1", Kind: "Bundle"},
	{Group: "trust-manager.io", Version: "v1alpha2", Kind: "ClusterBundle"},
	{Group: "certificates.k8s.io", Version: "v1beta1", Kind: "ClusterTrustBundle"},
	{Group: "certificates.k8s.io", Version: "v1", Kind: "ClusterTrustBundle"},
}

var secretKind = schema.GroupVersionKind{Version: "v1", Kind: "Secret"}

// aksSecret is the only Secret that is generated.
var aksSecret = manifest.ID{Kind: "Secret", Namespace: v1alpha1.AKSSecretNamespace, Name: v1alpha1.AKSSecretName}

// Retained is an object that is not desired and is kept. Without a name it is all
// objects of a kind, which may not be listed.
type Retained struct {
	ID     manifest.ID
	Reason string
	Unread bool // it may not be read, so that it may not exist
}

// String returns why the object is kept.
func (r Retained) String() string {
	if r.ID.Name == "" {
		return fmt.Sprintf("%s objects are not pruned: %s", r.ID.Kind, r.Reason)
	}
	return fmt.Sprintf("%s is not pruned: %s", r.ID, r.Reason)
}

// LeftOver returns the objects of a set in the cluster that are not in keep. It
// looks only for generated kinds, and only for objects that we applied. It returns
// apart what may not be read and may have objects of the set.
func (a *Applier) LeftOver(ctx context.Context, set string, keep []manifest.Object) (found []manifest.Object, unread []Retained, err error) {
	wanted := map[manifest.ID]bool{}
	for _, o := range keep {
		wanted[o.ID()] = true
	}
	add := func(u *unstructured.Unstructured) {
		if o := manifest.Object(u.Object); !wanted[o.ID()] && isOwn(u) {
			wanted[o.ID()] = true // once, even if two versions serve it
			found = append(found, o)
		}
	}
	for _, kind := range generatedKinds {
		err := a.list(ctx, kind, metav1.NamespaceAll, v1alpha1.SetLabel+"="+set, add)
		if apierrors.IsForbidden(err) && kind.Group == "" {
			unread = append(unread, Retained{manifest.ID{Kind: kind.Kind}, "listing them in all namespaces is forbidden", true})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
	}
	switch secret, err := a.secret(ctx, aksSecret); {
	case apierrors.IsForbidden(err):
		unread = append(unread, Retained{aksSecret, "reading it is forbidden", true})
	case err == nil && secret.GetLabels()[v1alpha1.SetLabel] == set:
		add(secret)
	case err != nil && !apierrors.IsNotFound(err):
		return nil, nil, fmt.Errorf("read %s: %w", aksSecret, kube.WrapUnavailable(err))
	}
	return found, unread, nil
}

func (a *Applier) secret(ctx context.Context, id manifest.ID) (*unstructured.Unstructured, error) {
	mapping, err := a.client.Mapping(secretKind)
	if err != nil {
		return nil, err
	}
	return a.client.Resource(mapping, id.Namespace).Get(ctx, id.Name, metav1.GetOptions{})
}

// list calls keep for each object of a kind in a namespace, "" for all, with a
// label selector, "" for none. A kind that the cluster does not serve has no
// objects.
func (a *Applier) list(ctx context.Context, kind schema.GroupVersionKind, namespace, selector string, keep func(*unstructured.Unstructured)) error {
	mapping, err := a.client.Mapping(kind)
	if meta.IsNoMatchError(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.client.List(ctx, mapping, namespace, metav1.ListOptions{Limit: kube.PageSize, LabelSelector: selector}, keep)
}

// isOwn reports whether an object is ours to delete: we applied it, and no
// controller owns it. Controllers copy the labels of our objects to theirs: NGINX
// Ingress Controller and cert-manager to Certificates.
func isOwn(u *unstructured.Unstructured) bool {
	return slices.ContainsFunc(u.GetManagedFields(), isOurs) && metav1.GetControllerOf(u) == nil
}
