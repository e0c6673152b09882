package kube

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Apply applies one object with server-side apply and returns the resulting
// object.
func (c *Client) Apply(ctx context.Context, o manifest.Object, options metav1.ApplyOptions) (manifest.Object, error) {
	mapping, err := c.Mapping(KindOf(o))
	if err != nil {
		return nil, err
	}
	u, err := c.Resource(mapping, o.Namespace()).Apply(ctx, o.Name(), toUnstructured(o), options)
	if err != nil {
		return nil, err
	}
	return u.Object, nil
}

// Patch merges a JSON merge patch (RFC 7386) into an object and returns the
// resulting object.
func (c *Client) Patch(ctx context.Context, o manifest.Object, patch []byte, options metav1.PatchOptions) (manifest.Object, error) {
	mapping, err := c.Mapping(KindOf(o))
	if err != nil {
		return nil, err
	}
	u, err := c.Resource(mapping, o.Namespace()).Patch(ctx, o.Name(), types.MergePatchType, patch, options)
	if err != nil {
		return nil, err
	}
	return u.Object, nil
}

// Delete deletes an object. It is not an error if the object does not exist. An
// object with a UID is only deleted if it still has it.
func (c *Client) Delete(ctx context.Context, o manifest.Object, dryRun bool) error {
	mapping, err := c.Mapping(KindOf(o))
	if err != nil {
		return err
	}
	options := metav1.DeleteOptions{}
	u := unstructured.Unstructured{Object: o}
	if uid := u.GetUID(); uid != "" {
		options.Preconditions = metav1.NewUIDPreconditions(string(uid))
	}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	if err := c.Resource(mapping, o.Namespace()).Delete(ctx, o.Name(), options); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete %s: %w", o.ID(), WrapUnavailable(err))
	}
	return nil
}
