package apply

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

var (
	certificateKind = schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"}
	namespaceKind   = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
)

// ownsCertificates are the kinds for which controllers create Certificates, and
// Certificate itself.
var ownsCertificates = map[string]bool{
	"Certificate": true, "Ingress": true, "VirtualServer": true, "VirtualServerRoute": true, "Gateway": true, "ListenerSet": true,
}

// ownedSecret is a TLS Secret that the garbage collector would delete with an
// object: a Certificate owns it, as with cert-manager's
// --enable-certificate-owner-ref, and the object is or owns that Certificate.
type ownedSecret struct {
	secret manifest.ID
	owner  types.UID // of the Certificate
	// unknown is why the Secret cannot be read, so that it may be owned.
	unknown string
}

// ownedSecrets returns the TLS Secrets that would be deleted with objects.
func (a *Applier) ownedSecrets(ctx context.Context, objects []manifest.Object) (map[manifest.ID][]ownedSecret, error) {
	candidates := map[string]map[types.UID]manifest.ID{} // by namespace
	for _, o := range objects {
		if !ownsCertificates[o.Kind()] {
			continue
		}
		if candidates[o.Namespace()] == nil {
			candidates[o.Namespace()] = map[types.UID]manifest.ID{}
		}
		u := unstructured.Unstructured{Object: o}
		candidates[o.Namespace()][u.GetUID()] = o.ID()
	}
	found := map[manifest.ID][]ownedSecret{}
	for namespace, owners := range candidates {
		var certificates []unstructured.Unstructured
		err := a.list(ctx, certificateKind, namespace, "", func(u *unstructured.Unstructured) {
			certificates = append(certificates, *u)
		})
		if err != nil {
			return nil, err
		}
		for _, c := range certificates {
			if err := a.addOwnedSecret(ctx, c, owners, found); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// addOwnedSecret adds the Secret of a Certificate to those of the object that it
// is, and of the objects that own it.
func (a *Applier) addOwnedSecret(ctx context.Context, c unstructured.Unstructured, owners map[types.UID]manifest.ID, found map[manifest.ID][]ownedSecret) error {
	uids := []types.UID{c.GetUID()}
	for _, ref := range c.GetOwnerReferences() {
		uids = append(uids, ref.UID)
	}
	uids = slices.DeleteFunc(uids, func(uid types.UID) bool { return owners[uid] == manifest.ID{} })
	name, _, _ := unstructured.NestedString(c.Object, "spec", "secretName")
	if len(uids) == 0 || name == "" {
		return nil
	}
	owned, err := a.ownedSecret(ctx, manifest.ID{Kind: "Secret", Namespace: c.GetNamespace(), Name: name}, c.GetUID())
	if err != nil || owned == nil {
		return err
	}
	for _, uid := range uids {
		found[owners[uid]] = append(found[owners[uid]], *owned)
	}
	return nil
}

// ownedSecret returns a Secret that a Certificate owns, nil if it does not.
func (a *Applier) ownedSecret(ctx context.Context, id manifest.ID, owner types.UID) (*ownedSecret, error) {
	secret, err := a.secret(ctx, id)
	switch {
	case apierrors.IsForbidden(err):
		return &ownedSecret{id, owner, "reading it is forbidden"}, nil
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", id, kube.WrapUnavailable(err))
	}
	if !slices.ContainsFunc(secret.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return ref.UID == owner }) {
		return nil, nil
	}
	return &ownedSecret{secret: id, owner: owner}, nil
}

// keepSecret makes the namespace of a Secret another owner of it. The garbage
// collector keeps an object as long as one of its owners exists, and removes the
// owners that do not. Removing the Certificate from the owners would not do:
// cert-manager adds it again until the Certificate is gone, and after that for a
// moment.
func (a *Applier) keepSecret(ctx context.Context, s ownedSecret, dryRun bool) error {
	options := metav1.PatchOptions{FieldManager: kube.FieldManager}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		owner, err := a.namespaceOwner(ctx, s.secret.Namespace)
		if err != nil {
			return err
		}
		secret, err := a.secret(ctx, s.secret)
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		owners := secret.GetOwnerReferences()
		if slices.ContainsFunc(owners, func(ref metav1.OwnerReference) bool { return ref.UID == owner.UID }) {
			return nil
		}
		return a.patchMetadata(ctx, secret, "ownerReferences", append(owners, owner), options)
	})
	if err != nil {
		return fmt.Errorf("make the namespace the owner of %s, to keep it: %w", s.secret, kube.WrapUnavailable(err))
	}
	return nil
}

// namespaceOwner returns a namespace as an owner.
func (a *Applier) namespaceOwner(ctx context.Context, name string) (metav1.OwnerReference, error) {
	mapping, err := a.client.Mapping(namespaceKind)
	if err != nil {
		return metav1.OwnerReference{}, err
	}
	namespace, err := a.client.Resource(mapping, "").Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return metav1.OwnerReference{}, err
	}
	return metav1.OwnerReference{APIVersion: "v1", Kind: namespaceKind.Kind, Name: name, UID: namespace.GetUID()}, nil
}
