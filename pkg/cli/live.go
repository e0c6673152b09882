package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/restmapper"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// targetFlags name what is to be in a cluster: an overlay, or an environment
// of a certs.yaml.
type targetFlags struct {
	kustomize, set string
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "take the objects from this kustomization instead of certs.yaml")
	flags.StringVar(&f.set, "set", "", "name of the set that applied objects are labelled with (default: certs.yaml's name and the environment)")
}

// load builds the kustomization, or plans the one environment that is meant.
func (f targetFlags) load(ctx context.Context, env Env, flags projectFlags) (project.Target, error) {
	t, err := f.read(ctx, env, flags)
	t.Set = cmp.Or(f.set, t.Set)
	return t, err
}

func (f targetFlags) read(ctx context.Context, env Env, flags projectFlags) (project.Target, error) {
	if f.kustomize != "" {
		return project.BuildTarget(env.Limits, f.kustomize)
	}
	p, err := flags.open(ctx, env)
	if err != nil {
		return project.Target{}, err
	}
	return p.Target()
}

// noCluster is what client-go takes where nothing names a cluster.
const noCluster = "http://localhost:8080"

// connect makes the client that kubectl's flags describe.
func connect(config *genericclioptions.ConfigFlags) (*kube.Client, error) {
	rest, err := config.ToRESTConfig()
	if err != nil {
		return nil, withHint(err, "name a kubeconfig with --kubeconfig or KUBECONFIG")
	}
	if rest.Host == noCluster {
		return nil, withHint(errors.New("no cluster is configured"), "name a kubeconfig with --kubeconfig or KUBECONFIG")
	}
	// kubectl's cache on disk may be hours old; what is served is asked anew.
	discovered, err := discovery.NewDiscoveryClientForConfig(rest)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered))
	namespace, _, err := config.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, err
	}
	rest.UserAgent = "kubectl-certs"
	return kube.New(rest, mapper, namespace)
}

// place places objects, and says once for each kind what the cluster lacks.
func place(env Env, client *kube.Client, objects []manifest.Object) (placed, others []manifest.Object, err error) {
	placed, missing, err := apply.New(client).Served(objects)
	if err != nil {
		return nil, nil, err
	}
	for _, m := range missing {
		others = append(others, m.Objects...)
		env.say("note: the cluster does not know %s (%s); %s of it cannot be there %s", m.Kind.Kind, m.Kind.GroupVersion(), count(len(m.Objects), "object"), m.Remedy())
	}
	return placed, others, nil
}
