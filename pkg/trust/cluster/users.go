package cluster

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// secretRefPath is a kind that refers to Secrets, and the path of the reference. "*"
// means all items of a list. A map at the end is a reference with name and
// namespace.
type secretRefPath struct {
	kind schema.GroupVersionKind
	path []string
}

// secretRefs are the kinds that refer to Secrets with certificates.
var secretRefs = []secretRefPath{
	{schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"}, []string{"spec", "tls", "*", "secretName"}},
	{schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "Gateway"}, []string{"spec", "listeners", "*", "tls", "certificateRefs", "*"}},
	{schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "ListenerSet"}, []string{"spec", "listeners", "*", "tls", "certificateRefs", "*"}},
	{schema.GroupVersionKind{Group: "k8s.nginx.org", Version: "v1", Kind: "VirtualServer"}, []string{"spec", "tls", "secret"}},
	{schema.GroupVersionKind{Group: "k8s.nginx.org", Version: "v1", Kind: "TransportServer"}, []string{"spec", "tls", "secret"}},
	{schema.GroupVersionKind{Group: "traefik.io", Version: "v1alpha1", Kind: "IngressRoute"}, []string{"spec", "tls", "secretName"}},
	{schema.GroupVersionKind{Group: "route.openshift.io", Version: "v1", Kind: "Route"}, []string{"spec", "tls", "externalCertificate"}},
	{schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"}, []string{"spec", "secretName"}},
	{schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "Issuer"}, []string{"spec", "ca", "secretName"}},
	{schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "ClusterIssuer"}, []string{"spec", "ca", "secretName"}},
}

// Users returns the users of some Secrets: routes, Certificates, CA issuers and
// pods. Secrets of ClusterIssuers are in clusterNamespace. If that is "" or has no
// Secret with the name, a reference matches any Secret with the name.
func (r *Reader) Users(ctx context.Context, of map[usage.Ref]bool, clusterNamespace string) (map[usage.Ref][]usage.User, error) {
	users := map[usage.Ref][]usage.User{}
	for _, kind := range secretRefs {
		err := r.each(ctx, kind, func(u *unstructured.Unstructured) {
			user := usage.User{Ref: usage.Ref{Kind: kind.kind.Kind, Namespace: u.GetNamespace(), Name: u.GetName()}}
			for _, ref := range secretsAt(u.Object, kind.path, u.GetNamespace()) {
				for _, secret := range r.matching(ctx, ref, of, clusterNamespace) {
					users[secret] = append(users[secret], user)
				}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	pods, err := r.Pods(ctx, func(ref usage.Ref) bool { return of[ref] })
	if err := r.skipForbidden(err, "pods"); err != nil {
		return nil, err
	}
	usage.AddWorkloads(users, pods)
	return users, nil
}

// each calls f for all objects of a kind, if the cluster serves it.
func (r *Reader) each(ctx context.Context, kind secretRefPath, f func(*unstructured.Unstructured)) error {
	mapping, err := r.client.Mapping(kind.kind)
	switch {
	case meta.IsNoMatchError(err):
		return nil
	case err != nil:
		return err
	}
	namespaces := r.namespaces
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		err := r.client.List(ctx, mapping, namespace, metav1.ListOptions{Limit: kube.PageSize}, f)
		if err := r.skipForbidden(err, mapping.Resource.Resource); err != nil {
			return err
		}
	}
	return nil
}

// matching returns the Secrets that a reference may refer to.
func (r *Reader) matching(ctx context.Context, ref usage.Ref, of map[usage.Ref]bool, clusterNamespace string) []usage.Ref {
	if ref.Namespace != "" {
		if of[ref] {
			return []usage.Ref{ref}
		}
		return nil
	}
	ref.Namespace = clusterNamespace
	if of[ref] && clusterNamespace != "" {
		return []usage.Ref{ref}
	}
	var named []usage.Ref
	for secret := range of {
		if secret.Kind == ref.Kind && secret.Name == ref.Name {
			named = append(named, secret)
		}
	}
	if len(named) == 0 || clusterNamespace == "" {
		return named
	}
	if _, err := r.core.Secrets(clusterNamespace).Get(ctx, ref.Name, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return nil // the namespace has a Secret of that name, with another CA
	}
	return named
}

// secretsAt returns the Secrets that an object refers to at a path.
func secretsAt(v any, path []string, namespace string) []usage.Ref {
	if len(path) == 0 {
		return secretRef(v, namespace)
	}
	if path[0] == "*" {
		items, _ := v.([]any)
		var refs []usage.Ref
		for _, item := range items {
			refs = append(refs, secretsAt(item, path[1:], namespace)...)
		}
		return refs
	}
	m, _ := v.(map[string]any)
	return secretsAt(m[path[0]], path[1:], namespace)
}

func secretRef(v any, namespace string) []usage.Ref {
	ref := usage.Ref{Kind: "Secret", Namespace: namespace}
	switch v := v.(type) {
	case string:
		ref.Name = v
	case map[string]any:
		ref.Name, _ = v["name"].(string)
		if other, ok := v["namespace"].(string); ok && other != "" {
			ref.Namespace = other
		}
		if kind, ok := v["kind"].(string); ok && kind != "" && kind != "Secret" {
			return nil
		}
	}
	if ref.Name == "" {
		return nil
	}
	return []usage.Ref{ref}
}
