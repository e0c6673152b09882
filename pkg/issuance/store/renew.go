package store

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// AskRenewal asks whoever runs to renew the certificate in a Secret, and ends
// the wait after failed tries. It reports false where there is neither.
func (s *Store) AskRenewal(ctx context.Context, ref issuance.Ref, now time.Time) (bool, error) {
	asked := false
	secret, err := s.core.Secrets(ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
	case err != nil:
		return false, fmt.Errorf("read Secret %s: %w", ref, kube.WrapUnavailable(err))
	case secret.Type != corev1.SecretTypeTLS:
		return false, fmt.Errorf("Secret %s is of type %s: there is no certificate to renew in it", ref, secret.Type)
	case issuance.Examine(SecretOf(secret)).Foreign != "":
		return false, fmt.Errorf("Secret %s was made by %s, and no run renews it", ref, issuance.Examine(SecretOf(secret)).Foreign)
	default:
		value := now.UTC().Format(time.RFC3339)
		if err := s.annotate(ctx, ref.Namespace, ref.Name, map[string]any{v1alpha1.RenewAnnotation: value}); err != nil {
			return false, err
		}
		asked = true
	}
	journal, err := s.core.Secrets(ref.Namespace).Get(ctx, JournalName(ref.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return asked, nil
	}
	if err != nil {
		return asked, fmt.Errorf("read Secret %s/%s: %w", ref.Namespace, JournalName(ref.Name), kube.WrapUnavailable(err))
	}
	return true, s.annotate(ctx, ref.Namespace, journal.Name, map[string]any{v1alpha1.KeyPrefix + "failures": nil, v1alpha1.KeyPrefix + "retry-at": nil})
}
