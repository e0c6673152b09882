package store

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Annotate implements issuance.Requests.
func (s *Store) Annotate(ctx context.Context, ref issuance.Ref, request string) (bool, error) {
	return found(s.annotate(ctx, ref.Namespace, ref.Name, map[string]any{v1alpha1.RenewAnnotation: request}))
}

// EndDelay implements issuance.Requests.
func (s *Store) EndDelay(ctx context.Context, ref issuance.Ref) (bool, error) {
	return found(s.annotate(ctx, ref.Namespace, JournalName(ref.Name), map[string]any{
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
