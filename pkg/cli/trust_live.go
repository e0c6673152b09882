package cli

import (
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
)

// newReader reads the cluster that kubectl's flags describe, all of it if no
// namespace is given.
func newReader(env Env, config *genericclioptions.ConfigFlags, namespaces ...string) (*cluster.Reader, error) {
	client, err := env.factory.Kube()
	if err != nil {
		return nil, err
	}
	rest, err := config.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	return cluster.NewReader(rest, client, namespaces...)
}
