package kube

import (
	"context"
	"errors"
	"fmt"
	"net"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// WrapUnavailable says in an error that the cluster was not reached, if that is the cause: there
// was no connection, no answer, or only one of a server that fails. It returns other errors
// unchanged, such as those about credentials, certificates and answers that cannot be read.
func WrapUnavailable(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || !isUnavailable(err) {
		return err
	}
	return fmt.Errorf("cluster not reachable: %w", err)
}

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
