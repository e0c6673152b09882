package kube

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PageSize is the number of objects per page.
const PageSize = 500

// page is a list of objects, of a typed or a dynamic client.
type page interface{ GetContinue() string }

// EachPage calls list until there are no more pages, or take returns false. It
// keeps one page at a time, and continues after a continue token has expired,
// with the token from the server's error.
func EachPage[P page](ctx context.Context, what string, options metav1.ListOptions, list func(context.Context, metav1.ListOptions) (P, error), take func(P) bool) error {
	for {
		p, err := list(ctx, options)
		if token := freshToken(err); token != "" && options.Continue != "" {
			options.Continue = token
			continue
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", what, WrapUnavailable(err))
		}
		if options.Continue = p.GetContinue(); !take(p) || options.Continue == "" {
			return nil
		}
	}
}

// freshToken returns the continue token with which a server replaces an expired
// one. Its pages have the state of a later time.
func freshToken(err error) string {
	var status apierrors.APIStatus
	if !apierrors.IsResourceExpired(err) || !errors.As(err, &status) {
		return ""
	}
	return status.Status().Continue
}
