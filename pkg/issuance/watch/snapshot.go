package watch

import (
	"context"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Snapshot is the engine's input: the requests in the cluster or in given objects, and the
// Secrets of the cluster.
type Snapshot struct {
	client     *kube.Client
	core       typedcorev1.CoreV1Interface
	namespaces []string // one "" for all

	lock  sync.Mutex
	index *requestIndex
	// notes are skipped objects with the reason, for users.
	notes []string
}

// NewSnapshot returns a Snapshot of one namespace, or of all if it is "". The grants are the
// operator's.
func NewSnapshot(client *kube.Client, core typedcorev1.CoreV1Interface, namespace string, grants []Grant) *Snapshot {
	w := &Snapshot{client: client, core: core, namespaces: []string{namespace}, index: newRequestIndex()}
	w.index.shared, w.index.grants = namespace == metav1.NamespaceAll, grants
	return w
}

// requestKinds are the kinds that request certificates, and issuers and routes.
var requestKinds = []schema.GroupVersionKind{
	{Group: "cert-manager.io", Version: "v1", Kind: "ClusterIssuer"},
	{Group: "cert-manager.io", Version: "v1", Kind: "Issuer"},
	{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
	{Group: "k8s.nginx.org", Version: "v1", Kind: "VirtualServer"},
	{Group: "k8s.nginx.org", Version: "v1", Kind: "VirtualServerRoute"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "Gateway"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "ListenerSet"},
	{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "HTTPRoute"},
}

// Add adds objects that need not be in the cluster. Objects without a namespace get the
// client's.
func (w *Snapshot) Add(objects []manifest.Object) {
	for _, o := range objects {
		if o.Namespace() == "" && o.Kind() != "ClusterIssuer" {
			o = o.Clone()
			o.Map("metadata")["namespace"] = w.client.Namespace()
		}
		r := summarize(o)
		r.given = true
		w.index.set(r)
	}
}

// ReadDemand reads all requests of the cluster. It skips kinds that are not served, and kinds
// that may not be listed, with a note.
func (w *Snapshot) ReadDemand(ctx context.Context) error {
	w.index.whole = true
	_, err := w.eachKind(func(mapping *meta.RESTMapping, namespace string) error {
		return w.client.List(ctx, mapping, namespace, metav1.ListOptions{Limit: kube.PageSize}, func(u *unstructured.Unstructured) {
			w.index.set(summarize(manifest.Object(u.Object)))
		})
	})
	return err
}

// eachKind calls f for every kind and namespace and returns the kinds that are not served.
func (w *Snapshot) eachKind(f func(mapping *meta.RESTMapping, namespace string) error) (absent []schema.GroupVersionKind, err error) {
	for _, kind := range requestKinds {
		note, err := w.oneKind(kind, f)
		switch {
		case meta.IsNoMatchError(err):
			absent = append(absent, kind)
		case err != nil:
			return nil, err
		case note != "":
			w.notes = append(w.notes, note)
		}
	}
	return absent, nil
}

// oneKind calls f for every namespace. It returns a note if the kind may not be listed.
func (w *Snapshot) oneKind(kind schema.GroupVersionKind, f func(mapping *meta.RESTMapping, namespace string) error) (note string, err error) {
	mapping, err := w.client.Mapping(kind)
	switch {
	case meta.IsNoMatchError(err):
		return "", err
	case err != nil:
		return "", err
	}
	namespaces := w.namespaces
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		err := f(mapping, namespace)
		if apierrors.IsForbidden(err) {
			note = fmt.Sprintf("no permission to list %s: skipped", mapping.Resource.Resource)
			continue
		}
		if err != nil {
			return "", err
		}
	}
	return note, nil
}

// Up to fewSecrets are read one by one: the cluster may have thousands of others.
const fewSecrets = 8

// ReadSecrets reads the Secrets and journals of all requests.
func (w *Snapshot) ReadSecrets(ctx context.Context) error {
	refs := w.index.requestedRefs()
	if len(refs) <= fewSecrets && !w.index.whole {
		var jobs []func(context.Context) error
		for ref := range refs {
			jobs = append(jobs, func(ctx context.Context) error { return w.readSecret(ctx, ref) })
		}
		return kube.InParallel(ctx, jobs)
	}
	namespaces := map[string]bool{}
	for ref := range refs {
		namespaces[ref.Namespace] = true
	}
	if w.index.whole {
		clear(namespaces)
		for _, namespace := range w.namespaces {
			namespaces[namespace] = true
		}
	}
	var jobs []func(context.Context) error
	for namespace := range namespaces {
		for _, kind := range []corev1.SecretType{corev1.SecretTypeTLS, v1alpha1.JournalType} {
			jobs = append(jobs, func(ctx context.Context) error { return w.listSecrets(ctx, namespace, kind) })
		}
	}
	return kube.InParallel(ctx, jobs)
}

func (w *Snapshot) readSecret(ctx context.Context, ref issuance.Ref) error {
	for _, name := range []string{ref.Name, store.JournalName(ref.Name)} {
		secret, err := w.core.Secrets(ref.Namespace).Get(ctx, name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read Secret %s/%s: %w", ref.Namespace, name, kube.WrapUnavailable(err))
		}
		w.take(secret)
	}
	return nil
}

func (w *Snapshot) listSecrets(ctx context.Context, namespace string, kind corev1.SecretType) error {
	options := metav1.ListOptions{Limit: kube.PageSize, FieldSelector: "type=" + string(kind)}
	return kube.EachPage(ctx, "Secrets", options, w.core.Secrets(namespace).List, func(page *corev1.SecretList) bool {
		for i := range page.Items {
			w.take(&page.Items[i])
		}
		return true
	})
}

// take stores a Secret that is or may be requested.
func (w *Snapshot) take(secret *corev1.Secret) {
	ref := issuance.Ref{Namespace: secret.Namespace, Name: secret.Name}
	w.lock.Lock()
	wanted := secret.Type == v1alpha1.JournalType || w.index.whole || w.index.requesters[ref] != nil
	w.lock.Unlock()
	if !wanted {
		return
	}
	s := summarizeSecret(secret)
	w.lock.Lock()
	defer w.lock.Unlock()
	w.index.note(s)
}

// Entries implements issuance.Source with the objects that were read.
func (w *Snapshot) Entries(context.Context) ([]issuance.Entry, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.index.entries(), nil
}

// Static reports whether a static challenge route leads to the responder for a host.
func (w *Snapshot) Static(host string) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.index.static(host)
}

// Journalled reports whether an order is in a journal.
func (w *Snapshot) Journalled(order string) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	for _, j := range w.index.journals {
		if j.Order == order {
			return true
		}
	}
	return false
}

// OrdersUnderWay returns the Secrets with an order in their journal.
func (w *Snapshot) OrdersUnderWay() []issuance.Ref {
	w.lock.Lock()
	defer w.lock.Unlock()
	var refs []issuance.Ref
	for ref, j := range w.index.journals {
		if j.Order != "" {
			refs = append(refs, ref)
		}
	}
	return refs
}

// Namespaces returns the namespaces with requests: the watched ones, "" for all, and those of
// the operator's objects.
func (w *Snapshot) Namespaces() []string {
	if slices.Contains(w.namespaces, metav1.NamespaceAll) {
		return w.namespaces
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	namespaces := slices.Clone(w.namespaces)
	for ref := range w.index.requesters {
		if !slices.Contains(namespaces, ref.Namespace) {
			namespaces = append(namespaces, ref.Namespace)
		}
	}
	return namespaces
}

// Issuers returns the ACME issuers.
func (w *Snapshot) Issuers() []issuance.Issuer {
	w.lock.Lock()
	defer w.lock.Unlock()
	var issuers []issuance.Issuer
	for _, i := range w.index.issuers {
		if i.Spec.ACME != nil {
			issuers = append(issuers, i)
		}
	}
	return issuers
}

// Notes returns skipped and unreadable objects with the reason, for users.
func (w *Snapshot) Notes() []string {
	w.lock.Lock()
	defer w.lock.Unlock()
	notes := slices.Clone(w.notes)
	for _, err := range w.index.readErrors() {
		notes = append(notes, err.Error())
	}
	return notes
}

// Refusal returns why the responder does not validate a host for a requested Secret, "" if it
// does. It validates hosts that the operator requested, and any host if one namespace is
// watched. If all are watched, the Secret's namespace must route the host or have a grant.
func (w *Snapshot) Refusal(ref issuance.Ref, host string) string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.index.refusal(ref, issuance.CanonicalName(host))
}

// Claims returns the issuers whose accounts may validate a host: those of every request that is
// not refused. Issuers with an order in progress come first.
func (w *Snapshot) Claims(host string) []issuance.Issuer {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.index.claims(issuance.CanonicalName(host))
}
