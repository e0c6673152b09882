package cluster

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

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// World is what run works on: who asks for certificates, in the cluster or in
// given objects, and the Secrets of the cluster.
type World struct {
	client     *kube.Client
	core       typedcorev1.CoreV1Interface
	namespaces []string // one "" for all

	lock  sync.Mutex
	board *board
	// Notes say what was passed over, and why, in words for a person.
	notes []string
}

// NewWorld looks at one namespace, at all if it is "". The grants are those of
// the operator.
func NewWorld(client *kube.Client, core typedcorev1.CoreV1Interface, namespace string, grants []Grant) *World {
	w := &World{client: client, core: core, namespaces: []string{namespace}, board: newBoard()}
	w.board.shared, w.board.grants = namespace == metav1.NamespaceAll, grants
	return w
}

// demanding are the kinds that ask for certificates, and what goes with them.
var demanding = []schema.GroupVersionKind{
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

// Add takes in objects that need not be in the cluster; those without a
// namespace belong to the client's.
func (w *World) Add(objects []manifest.Object) {
	for _, o := range objects {
		if o.Namespace() == "" && o.Kind() != "ClusterIssuer" {
			o = o.Clone()
			o.Map("metadata")["namespace"] = w.client.Namespace()
		}
		r := read(o)
		r.given = true
		w.board.set(r)
	}
}

// ReadDemand takes in everything of the cluster that asks for certificates.
// Kinds that the cluster does not know, and those that may not be read there,
// are passed over with a note.
func (w *World) ReadDemand(ctx context.Context) error {
	w.board.whole = true
	_, err := w.eachKind(func(mapping *meta.RESTMapping, namespace string) error {
		return w.client.List(ctx, mapping, namespace, metav1.ListOptions{Limit: kube.PageSize}, func(u *unstructured.Unstructured) {
			w.board.set(read(manifest.Object(u.Object)))
		})
	})
	return err
}

// eachKind calls f for every kind and namespace that there is, and returns the
// kinds that there are not.
func (w *World) eachKind(f func(mapping *meta.RESTMapping, namespace string) error) (absent []schema.GroupVersionKind, err error) {
	for _, kind := range demanding {
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

// oneKind calls f for every namespace, and notes if the kind may not be listed.
func (w *World) oneKind(kind schema.GroupVersionKind, f func(mapping *meta.RESTMapping, namespace string) error) (note string, err error) {
	mapping, err := w.client.Mapping(kind)
	switch {
	case meta.IsNoMatchError(err):
		return "", err
	case err != nil:
		return "", fmt.Errorf("find %s on the server: %w", kind.Kind, kube.WrapUnavailable(err))
	}
	namespaces := w.namespaces
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		err := f(mapping, namespace)
		if apierrors.IsForbidden(err) {
			note = fmt.Sprintf("may not list %s; what they ask for is not seen", mapping.Resource.Resource)
			continue
		}
		if err != nil {
			return "", err
		}
	}
	return note, nil
}

// fewSecrets are read one by one: the cluster may have thousands of others.
const fewSecrets = 8

// ReadSecrets takes in the Secrets and journals of all that was asked for.
func (w *World) ReadSecrets(ctx context.Context) error {
	refs := w.board.askersOf()
	if len(refs) <= fewSecrets && !w.board.whole {
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
	if w.board.whole {
		clear(namespaces)
		for _, namespace := range w.namespaces {
			namespaces[namespace] = true
		}
	}
	var jobs []func(context.Context) error
	for namespace := range namespaces {
		for _, kind := range []corev1.SecretType{corev1.SecretTypeTLS, store.JournalType} {
			jobs = append(jobs, func(ctx context.Context) error { return w.listSecrets(ctx, namespace, kind) })
		}
	}
	return kube.InParallel(ctx, jobs)
}

func (w *World) readSecret(ctx context.Context, ref run.Ref) error {
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

func (w *World) listSecrets(ctx context.Context, namespace string, kind corev1.SecretType) error {
	options := metav1.ListOptions{Limit: kube.PageSize, FieldSelector: "type=" + string(kind)}
	return kube.EachPage(ctx, "Secrets", options, w.core.Secrets(namespace).List, func(page *corev1.SecretList) bool {
		for i := range page.Items {
			w.take(&page.Items[i])
		}
		return true
	})
}

// sighting is what a Secret holds, or the journal in it.
type sighting struct {
	metav1.ObjectMeta // namespace and name, for caches

	ref     run.Ref
	have    *run.Have
	journal *run.Journal
}

// see looks at a Secret; what is in it is let go.
func see(secret *corev1.Secret) *sighting {
	s := &sighting{ObjectMeta: metav1.ObjectMeta{Namespace: secret.Namespace, Name: secret.Name}}
	if secret.Type == store.JournalType {
		ref, j := store.JournalOf(secret)
		s.ref, s.journal = ref, &j
		return s
	}
	have := run.Examine(store.SecretOf(secret))
	s.ref, s.have = run.Ref{Namespace: secret.Namespace, Name: secret.Name}, &have
	return s
}

// take takes in what was seen, if anybody may ask for it.
func (w *World) take(secret *corev1.Secret) {
	ref := run.Ref{Namespace: secret.Namespace, Name: secret.Name}
	w.lock.Lock()
	asked := secret.Type == store.JournalType || w.board.whole || w.board.askers[ref] != nil
	w.lock.Unlock()
	if !asked {
		return
	}
	s := see(secret)
	w.lock.Lock()
	defer w.lock.Unlock()
	w.board.note(s)
}

// Entries implements run.Source with what was read.
func (w *World) Entries(context.Context) ([]run.Entry, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.board.entries(), nil
}

// Static reports whether a permanent route leads challenges of a host to the
// responder.
func (w *World) Static(host string) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.board.static(host)
}

// Journalled reports whether an order is known to a journal that was read.
func (w *World) Journalled(order string) bool {
	w.lock.Lock()
	defer w.lock.Unlock()
	for _, j := range w.board.journals {
		if j.Order == order {
			return true
		}
	}
	return false
}

// OrdersUnderWay returns the Secrets whose journal names an order.
func (w *World) OrdersUnderWay() []run.Ref {
	w.lock.Lock()
	defer w.lock.Unlock()
	var refs []run.Ref
	for ref, j := range w.board.journals {
		if j.Order != "" {
			refs = append(refs, ref)
		}
	}
	return refs
}

// Namespaces returns those that certificates are requested in: the ones that
// are watched, "" for all, and those of the objects that the operator gave.
func (w *World) Namespaces() []string {
	if slices.Contains(w.namespaces, metav1.NamespaceAll) {
		return w.namespaces
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	namespaces := slices.Clone(w.namespaces)
	for ref := range w.board.askers {
		if !slices.Contains(namespaces, ref.Namespace) {
			namespaces = append(namespaces, ref.Namespace)
		}
	}
	return namespaces
}

// Issuers are the ACME issuers that were read.
func (w *World) Issuers() []run.Issuer {
	w.lock.Lock()
	defer w.lock.Unlock()
	var issuers []run.Issuer
	for _, i := range w.board.issuers {
		if i.Spec.ACME != nil {
			issuers = append(issuers, i)
		}
	}
	return issuers
}

// Notes are what was passed over or could not be read, in words for a person.
func (w *World) Notes() []string {
	w.lock.Lock()
	defer w.lock.Unlock()
	notes := slices.Clone(w.notes)
	for _, err := range w.board.complaints() {
		notes = append(notes, err.Error())
	}
	return notes
}
