package cluster

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// Reader reads what certificates are for: Secrets, ConfigMaps, pods and what
// refers to them, a page at a time.
type Reader struct {
	client     *kube.Client
	core       typedcorev1.CoreV1Interface
	namespaces []string // one "" for all

	// Notes say what could not be read and was passed over, for a person.
	Notes []string
}

// NewReader looks at some namespaces, at all if none is named.
func NewReader(config *rest.Config, client *kube.Client, namespaces ...string) (*Reader, error) {
	core, err := kube.NewCore(config)
	if err != nil {
		return nil, err
	}
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	return &Reader{client: client, core: core, namespaces: namespaces}, nil
}

// KnowsNamespace is an error if a namespace is known not to be there.
func (r *Reader) KnowsNamespace(ctx context.Context, name string) error {
	_, err := r.core.Namespaces().Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("there is no namespace %q", name)
	case err == nil, apierrors.IsForbidden(err): // who may not know may still be right
		return nil
	}
	return kube.WrapUnavailable(err)
}

// passOver notes what may not be read, and returns every other error.
func (r *Reader) passOver(err error, what string) error {
	if apierrors.IsForbidden(err) {
		note := fmt.Sprintf("may not list %s; what they say is not seen", what)
		if !slices.Contains(r.Notes, note) {
			r.Notes = append(r.Notes, note)
		}
		return nil
	}
	return err
}
