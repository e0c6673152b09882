package cmdutil

import (
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Factory is what every command is made from.
type Factory struct {
	IO      iostreams.IO
	Version string // of the program, as the build sets it
	// Limits is what the command may still read.
	Limits *limits.Budget
	// Process is how a signal stops the command; nil where none does.
	Process *lifecycle.Process
	// Config are kubectl's flags, which name the cluster.
	Config *genericclioptions.ConfigFlags
}

// noCluster is the address that client-go takes if nothing names a cluster.
const noCluster = "http://localhost:8080"

// RESTConfig returns the configuration of clients of the cluster.
func (f *Factory) RESTConfig() (*rest.Config, error) {
	config, err := f.Config.ToRESTConfig()
	if err != nil || config.Host == noCluster {
		return nil, kubeconfigError(f.Config, err)
	}
	config.UserAgent = "kubectl-certs"
	return config, nil
}

// Namespace returns the namespace of --namespace or of the context.
func (f *Factory) Namespace() (string, error) {
	namespace, _, err := f.Config.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", kubeconfigError(f.Config, err)
	}
	return namespace, nil
}

// Kube returns a client of the cluster.
func (f *Factory) Kube() (*kube.Client, error) {
	config, err := f.RESTConfig()
	if err != nil {
		return nil, err
	}
	// kubectl's cache on disk may be hours old. What is served is read again.
	discovered, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	namespace, err := f.Namespace()
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered))
	return kube.New(config, mapper, namespace)
}
