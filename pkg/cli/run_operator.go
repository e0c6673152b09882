package cli

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// newOperator returns the operator that the flags of run, status or renew
// describe.
func newOperator(env Env, config *genericclioptions.ConfigFlags, f runFlags) (*operator.Operator, error) {
	client, err := env.factory.Kube()
	if err != nil {
		return nil, err
	}
	restConfig, err := config.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	restConfig.UserAgent = "kubectl-certs/" + env.Version
	namespace, _, err := config.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, err
	}
	options := f.options
	options.Namespace = namespace
	if f.all {
		options.Namespace = metav1.NamespaceAll
	}
	if f.project.file != "" || f.kustomize != "" {
		options.Manifests = func(ctx context.Context) ([]manifest.Object, error) { return loadGivenManifests(ctx, env, f) }
	}
	return operator.New(operator.Cluster{REST: restConfig, Client: client, Namespace: namespace}, options)
}

// loadGivenManifests returns the objects of -f or -k.
func loadGivenManifests(ctx context.Context, env Env, f runFlags) ([]manifest.Object, error) {
	t, err := targetFlags{kustomize: f.kustomize}.load(ctx, env, f.project)
	return t.Objects, err
}

// readingHooks report on a terminal how the cluster is read.
func readingHooks(env Env) operator.Hooks {
	return operator.Hooks{
		Note:    func(text string) { env.say("note: %s", text) },
		Reading: func() func() { return env.progress("reading the cluster") },
	}
}

// sayLease reports the steps of leader election. A replica that dies is
// replaced after duration.
func sayLease(env Env, t *tally, duration time.Duration) func(operator.LeaseEvent) {
	return func(e operator.LeaseEvent) {
		switch e.State {
		case operator.LeaseWaiting:
			env.say("waiting while %s orders (Lease %s)", e.Holder, e.Lease)
		case operator.LeaseHeld:
			t.holds(e.Lease)
		case operator.LeaseReleased:
			t.holds("")
		case operator.LeaseKept:
			env.say("warning: release Lease %s: the cluster does not answer; the next run waits up to %s for it", e.Lease, duration)
		}
	}
}

// withRunHint adds what to do about an error of the operator.
func withRunHint(err error) error {
	if missing, ok := errors.AsType[*operator.LeaseNamespaceError](err); ok {
		return withHint(err, "kubectl create namespace "+missing.Namespace+", or name another with -n or --leader-elect-resource-namespace")
	}
	if _, ok := errors.AsType[*operator.LeaseAccessError](err); ok {
		return withHint(err, "allow get, create and update of leases there, name another namespace with --leader-elect-resource-namespace, or see to it yourself that one run works at a time with --leader-elect=false")
	}
	if _, ok := errors.AsType[*operator.CertManagerUnknownError](err); ok {
		return withHint(err, "allow get of that Lease (kustomize/runner-namespaced/rbac.yaml), or give --ignore-cert-manager if no cert-manager issues for these objects")
	}
	if _, ok := errors.AsType[*operator.CertManagerRunningError](err); ok {
		return withHint(err, "scale its controller to 0 first, and run takes over its Secrets as they are; or leave the certificates to it")
	}
	return err
}
