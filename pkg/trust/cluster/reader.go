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

// Reader reads Secrets, ConfigMaps, pods and objects that refer to them, one page
// at a time.
type Reader struct {
	client     *kube.Client
	core       typedcorev1.CoreV1Interface
	namespaces []string // one "" for all

	// Notes are messages for the user about kinds that could not be listed.
	Notes []string
}

// NewReader returns a Reader of some namespaces, or of all if there are none.
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

// KnowsNamespace returns an error if a namespace does not exist.
func (r *Reader) KnowsNamespace(ctx context.Context, name string) error {
	_, err := r.core.Namespaces().Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("namespace %q not found", name)
	case err == nil, apierrors.IsForbidden(err): // it may exist
		return nil
	}
	return kube.WrapUnavailable(err)
}

// skipForbidden turns a forbidden error into a note and returns other errors.
func (r *Reader) skipForbidden(err error, what string) error {
	if apierrors.IsForbidden(err) {
		note := fmt.Sprintf("listing %s is forbidden, so the result may be incomplete", what)
		if !slices.Contains(r.Notes, note) {
			r.Notes = append(r.Notes, note)
		}
		return nil
	}
	return err
}
