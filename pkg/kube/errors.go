package kube

import (
	"context"
	"errors"
	"net"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// WrapUnavailable says in an error that the cluster was not reached, if that is the cause: there
// was no connection, no answer, or only one of a server that fails. It returns other errors
// unchanged, such as those about credentials, certificates and answers that cannot be read, and
// those that it returned.
func WrapUnavailable(err error) error {
	_, wrapped := errors.AsType[unavailable](err)
	if err == nil || wrapped || errors.Is(err, context.Canceled) || !isUnavailable(err) {
		return err
	}
	return unavailable{err}
}

type unavailable struct{ error }

func (u unavailable) Error() string { return "cluster not reachable: " + u.error.Error() }

func (u unavailable) Unwrap() error { return u.error }

func isUnavailable(err error) bool {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return status.Status().Code >= 500
	}
	var network *net.OpError // dial, read, write; also of TLS alerts
	var name *net.DNSError
	return errors.As(err, &network) || errors.As(err, &name) || errors.Is(err, context.DeadlineExceeded) ||
		utilnet.IsTimeout(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err)
}
