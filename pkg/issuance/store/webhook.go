package store

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// Token creates a token of a ServiceAccount for some audiences (TokenRequest).
func (s *Store) Token(ctx context.Context, namespace, serviceAccount string, audiences []string) (string, error) {
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: audiences, ExpirationSeconds: new(int64(600))}}
	answer, err := s.core.ServiceAccounts(namespace).CreateToken(ctx, serviceAccount, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("create a token of ServiceAccount %s/%s: %w", namespace, serviceAccount, kube.WrapUnavailable(err))
	}
	return answer.Status.Token, nil
}

// Webhook sends a ChallengePayload to a webhook solver of cert-manager through the API server
// and returns the answer.
func (s *Store) Webhook(ctx context.Context, group, solver string, payload []byte) ([]byte, error) {
	answer, err := s.core.RESTClient().Post().AbsPath("/apis", group, "v1alpha1", solver).
		SetHeader("Content-Type", "application/json").SetHeader("Accept", "application/json").Body(payload).DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("call webhook solver %s of %s: %w", solver, group, kube.WrapUnavailable(err))
	}
	return answer, nil
}
