package kube

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PageSize is how many objects are in a page.
const PageSize = 500

// page is a list of objects, in a typed client or not.
type page interface{ GetContinue() string }

// EachPage calls list until there are no more pages, or take returns false. It
// holds one page at a time, where client-go's pager holds all of them, or a few
// and does not survive the expiry of a continue token: then the list goes on
// with the token that the server gives instead.
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

// freshToken is the continue token that a server gives in place of one that
// has expired. What it leads to is as the objects are then.
func freshToken(err error) string {
	var status apierrors.APIStatus
	if !apierrors.IsResourceExpired(err) || !errors.As(err, &status) {
		return ""
	}
	return status.Status().Continue
}
