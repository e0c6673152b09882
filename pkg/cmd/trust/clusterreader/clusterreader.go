package clusterreader

import (
	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
)

// Func returns a reader of some namespaces, of all if none is given.
type Func func(namespaces ...string) (*cluster.Reader, error)

// New returns what makes readers of the cluster of a factory.
func New(f *cmdutil.Factory) Func {
	return func(namespaces ...string) (*cluster.Reader, error) {
		client, err := f.Kube()
		if err != nil {
			return nil, err
		}
		config, err := f.RESTConfig()
		if err != nil {
			return nil, err
		}
		return cluster.NewReader(config, client, namespaces...)
	}
}

// AddResourceNamespace adds --cluster-resource-namespace to a set.
func AddResourceNamespace(flags *pflag.FlagSet, namespace *string) {
	flags.StringVar(namespace, "cluster-resource-namespace", "", "namespace of the Secrets of ClusterIssuers (default: any namespace)")
}

// NoPublicRoots is the note for a survey that has to do without public roots.
const NoPublicRoots = "this machine has no public CAs, so certificates of public CAs cannot be recognized"

// ManyLines is the number of lines about one thing from which on they are counted
// and not listed, except with -o wide.
const ManyLines = 20
