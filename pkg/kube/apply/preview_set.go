package apply

import (
	"context"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// PreviewSet is Preview for objects before ResolveScope. Those of kinds that the
// cluster does not serve are shown as desired. If prune is not nil, its set and
// policy select objects that pruning would delete; only Live has them. With an
// error it returns what is known so far.
func (a *Applier) PreviewSet(ctx context.Context, objects []manifest.Object, prune *Pruning) (Preview, error) {
	served, missing, err := a.Served(objects)
	if err != nil {
		return Preview{}, err
	}
	p, err := a.Preview(ctx, served)
	p.Missing = missing
	if err != nil {
		return p, err
	}
	for _, m := range missing {
		p.After = append(p.After, m.Objects...)
	}
	if prune == nil {
		return p, nil
	}
	pruning := Pruning{Set: prune.Set, Keep: served, DryRun: true, Retain: prune.Retain, Certificates: prune.Certificates}
	var pruned []manifest.Object
	pruned, p.Retained, err = a.Prunable(ctx, pruning)
	for _, o := range pruned {
		p.Live = append(p.Live, withoutServerFields(o))
	}
	return p, err
}
