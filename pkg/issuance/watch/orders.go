package watch

import (
	"context"
	"encoding/base64"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

var orderKind = schema.GroupVersionKind{Group: "acme.cert-manager.io", Version: "v1", Kind: "Order"}

// ReadOrders reads cert-manager's Orders in the namespaces with certificates of cert-manager,
// after the Secrets. Nothing else says which ACME server issued these. It is not an error if
// Orders are not served, or may not be listed; then there is a note.
func (w *Snapshot) ReadOrders(ctx context.Context) error {
	namespaces := w.withForeignOrders()
	if len(namespaces) == 0 {
		return nil
	}
	mapping, err := w.client.Mapping(orderKind)
	switch {
	case meta.IsNoMatchError(err):
		return nil
	case err != nil:
		return err
	}
	for _, namespace := range namespaces {
		err := w.client.List(ctx, mapping, namespace, metav1.ListOptions{Limit: kube.PageSize}, w.takeOrder)
		switch {
		case apierrors.IsForbidden(err):
			w.addNote("no permission to list orders: a changed ACME server is not detected for cert-manager's certificates")
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

// withForeignOrders returns the namespaces of requested Secrets with a certificate that may be
// cert-manager's, one "" for all if that is what is watched.
func (w *Snapshot) withForeignOrders() []string {
	w.lock.Lock()
	defer w.lock.Unlock()
	var namespaces []string
	for ref := range w.index.requesters {
		if w.index.secrets[ref].MayBeFromCertManager() && !slices.Contains(namespaces, ref.Namespace) {
			namespaces = append(namespaces, ref.Namespace)
		}
	}
	if len(namespaces) > 0 && slices.Contains(w.namespaces, metav1.NamespaceAll) {
		return w.namespaces
	}
	slices.Sort(namespaces)
	return namespaces
}

// takeOrder stores the URL of a completed Order.
func (w *Snapshot) takeOrder(u *unstructured.Unstructured) {
	url, _, _ := unstructured.NestedString(u.Object, "status", "url")
	encoded, _, _ := unstructured.NestedString(u.Object, "status", "certificate")
	chain, err := base64.StdEncoding.DecodeString(encoded)
	if url == "" || err != nil {
		return
	}
	if leaf := issuance.LeafOf(chain); leaf != "" {
		w.lock.Lock()
		defer w.lock.Unlock()
		w.index.orders[leaf] = url
	}
}

func (w *Snapshot) addNote(text string) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.notes = append(w.notes, text)
}
