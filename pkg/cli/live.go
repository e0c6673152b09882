package cli

import (
	"cmp"
	"context"

	"github.com/spf13/pflag"

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
