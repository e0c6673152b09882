package run

import (
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// explain names the flags behind errors of the operator, and adds what to do
// about them.
func explain(err error) error {
	if err == nil {
		return nil
	}
	var explained []error
	for _, one := range problem.Split(err) {
		explained = append(explained, withHint(withFlag(one)))
	}
	return problem.Join(explained...)
}

// serverFlags are those that give the addresses of servers.
var serverFlags = map[operator.Server]string{
	operator.ServerHTTP01: "--listen", operator.ServerTLSALPN01: "--listen-tls", operator.ServerMetrics: "--metrics-listen",
}

func withFlag(err error) error {
	if server, ok := errors.AsType[*operator.ServerError](err); ok {
		return fmt.Errorf("%s %s: %w", serverFlags[server.Server], server.Address, server.Err)
	}
	return err
}

func withHint(err error) error {
	if missing, ok := errors.AsType[*operator.LeaseNamespaceError](err); ok {
		return hint.With(err, "kubectl create namespace "+missing.Namespace+", or use another with -n or --leader-elect-resource-namespace")
	}
	if _, ok := errors.AsType[*operator.LeaseAccessError](err); ok && apierrors.IsForbidden(err) {
		return hint.With(err, "allow get, create and update of leases there; or use --leader-elect-resource-namespace; or start only one run, with --leader-elect=false")
	}
	if _, ok := errors.AsType[*operator.CertManagerUnknownError](err); ok && apierrors.IsForbidden(err) {
		return hint.With(err, "bind the ClusterRole kubectl-certs-cert-manager-lease ("+hint.Page("kustomize/runner-namespaced/rbac.yaml")+"); or use --ignore-cert-manager if cert-manager does not issue for these objects")
	}
	if _, ok := errors.AsType[*operator.CertManagerRunningError](err); ok {
		return hint.With(err, "let cert-manager issue; or scale its controller to 0, and run continues with the same Secrets")
	}
	return err
}
