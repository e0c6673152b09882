package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Token makes a token of a ServiceAccount for some audiences (TokenRequest).
func (s *Secrets) Token(ctx context.Context, namespace, serviceAccount string, audiences []string) (string, error) {
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{Audiences: audiences, ExpirationSeconds: new(int64(600))}}
	answer, err := s.core.ServiceAccounts(namespace).CreateToken(ctx, serviceAccount, request, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("make a token of ServiceAccount %s/%s: %w", namespace, serviceAccount, Explain(err))
	}
	return answer.Status.Token, nil
}

// served are those of some kinds that the server knows by now. It is asked
// about their groups only, and not about everything.
func (s *Secrets) served(ctx context.Context, kinds []schema.GroupVersionKind) []schema.GroupVersionKind {
	var known []schema.GroupVersionKind
	lists := map[schema.GroupVersion]metav1.APIResourceList{}
	for _, kind := range kinds {
		list, asked := lists[kind.GroupVersion()]
		if !asked {
			// An error is an answer too: it is asked again.
			answer, err := s.core.RESTClient().Get().AbsPath("/apis", kind.Group, kind.Version).SetHeader("Accept", "application/json").DoRaw(ctx)
			if err == nil {
				_ = json.Unmarshal(answer, &list)
			}
			lists[kind.GroupVersion()] = list
		}
		if slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Kind == kind.Kind }) {
			known = append(known, kind)
		}
	}
	return known
}

// Webhook sends a ChallengePayload to a webhook solver of cert-manager, through
// the API server, and returns the answer.
func (s *Secrets) Webhook(ctx context.Context, group, solver string, payload []byte) ([]byte, error) {
	answer, err := s.core.RESTClient().Post().AbsPath("/apis", group, "v1alpha1", solver).
		SetHeader("Content-Type", "application/json").SetHeader("Accept", "application/json").Body(payload).DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("call webhook solver %s of %s: %w", solver, group, Explain(err))
	}
	return answer, nil
}
