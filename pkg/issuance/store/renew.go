package store

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// Annotate implements issuance.Requests.
func (s *Store) Annotate(ctx context.Context, ref issuance.Ref, request string) (bool, error) {
	return found(s.annotate(ctx, ref.Namespace, ref.Name, map[string]any{v1alpha1.RenewAnnotation: request}))
}

// EndDelay implements issuance.Requests.
func (s *Store) EndDelay(ctx context.Context, ref issuance.Ref) (bool, error) {
	name := JournalName(ref.Name)
	_, err := s.core.Secrets(ref.Namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false, nil // and nothing is written
	}
	if err != nil {
		return false, fmt.Errorf("read Secret %s/%s: %w", ref.Namespace, name, kube.WrapUnavailable(err))
	}
	return found(s.annotate(ctx, ref.Namespace, name, map[string]any{
		v1alpha1.KeyPrefix + "failures": nil, v1alpha1.KeyPrefix + "retry-at": nil,
	}))
}

// found reports whether the changed object exists.
func found(err error) (bool, error) {
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
