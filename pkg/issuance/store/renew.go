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

// RequestRenewal marks a Secret for renewal and clears the delay after failed orders. It returns
// false if there is neither a certificate nor a failed order.
func (s *Store) RequestRenewal(ctx context.Context, ref issuance.Ref, now time.Time) (bool, error) {
	requested := false
	secret, err := s.core.Secrets(ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
	case err != nil:
		return false, fmt.Errorf("read Secret %s: %w", ref, kube.WrapUnavailable(err))
	case secret.Type != corev1.SecretTypeTLS:
		return false, fmt.Errorf("Secret %s has type %s, not kubernetes.io/tls: it has no certificate to renew", ref, secret.Type)
	case issuance.Examine(SecretOf(secret)).Foreign != "":
		return false, fmt.Errorf("Secret %s was created by %s; kubectl certs does not renew it", ref, issuance.Examine(SecretOf(secret)).Foreign)
	default:
		value := now.UTC().Format(time.RFC3339)
		if err := s.annotate(ctx, ref.Namespace, ref.Name, map[string]any{v1alpha1.RenewAnnotation: value}); err != nil {
			return false, err
		}
		requested = true
	}
	journal, err := s.core.Secrets(ref.Namespace).Get(ctx, JournalName(ref.Name), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return requested, nil
	}
	if err != nil {
		return requested, fmt.Errorf("read Secret %s/%s: %w", ref.Namespace, JournalName(ref.Name), kube.WrapUnavailable(err))
	}
	return true, s.annotate(ctx, ref.Namespace, journal.Name, map[string]any{v1alpha1.KeyPrefix + "failures": nil, v1alpha1.KeyPrefix + "retry-at": nil})
}
