package kube

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Access is a request about which Allowed asks.
type Access struct {
	Verb, Group string
	Resource    string // with the subresource, as in serviceaccounts/token
	Namespace   string // "" for all namespaces, or a resource without
	Name        string // "" for all
}

var accessReviews = schema.GroupVersionResource{Group: "authorization.k8s.io", Version: "v1", Resource: "selfsubjectaccessreviews"}

// Allowed reports whether the server allows this user a request. It creates a
// SelfSubjectAccessReview, which every user may by default, and which changes
// nothing.
func (c *Client) Allowed(ctx context.Context, a Access) (bool, error) {
	resource, subresource, _ := strings.Cut(a.Resource, "/")
	review := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
		"spec": map[string]any{"resourceAttributes": map[string]any{
			"verb": a.Verb, "group": a.Group, "resource": resource, "subresource": subresource, "namespace": a.Namespace, "name": a.Name,
		}},
	}}
	answer, err := c.dynamic.Resource(accessReviews).Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return false, fmt.Errorf("check the permission to %s %s: %w", a.Verb, a.Resource, WrapUnavailable(err))
	}
	allowed, _, err := unstructured.NestedBool(answer.Object, "status", "allowed")
	return allowed, err
}
