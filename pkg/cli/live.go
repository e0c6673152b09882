package cli

import (
	"cmp"
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

// targetFlags name what is to be in a cluster: an overlay, or an environment
// of a certs.yaml.
type targetFlags struct {
	kustomize, set string
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
