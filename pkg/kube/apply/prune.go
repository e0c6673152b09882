package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube/workload"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Pruning selects the objects of a set to delete.
type Pruning struct {
	Set  string
	Keep []manifest.Object // the desired objects
	// DryRun means that Keep has not been applied: its workloads count in
	// addition to those of the cluster.
	DryRun bool
	// Retain returns why an object that is not desired is kept, "" if it may be
	// deleted.
	Retain func(manifest.Object) string
	// Certificates allows deleting objects that own TLS Secrets, directly or
	// through a Certificate. The Secrets are kept.
	Certificates bool
}

// Prunable returns the objects of a set that may be deleted, and those that are
// kept although they are not desired: because of Retain, because a workload or the
// route of another set uses them, because they own a TLS Secret, or because they may
// not be read. With an error it returns the objects found so far.
func (a *Applier) Prunable(ctx context.Context, p Pruning) (objects []manifest.Object, retained []Retained, err error) {
	if p.Keep, _, err = a.client.ResolveScope(p.Keep); err != nil {
		return nil, nil, err
	}
	if objects, retained, err = a.LeftOver(ctx, p.Set, p.Keep); err != nil {
		return nil, nil, err
	}
	retain := func(reasonOf func(manifest.Object) string) {
		objects = slices.DeleteFunc(objects, func(o manifest.Object) bool {
			reason := reasonOf(o)
			if reason != "" {
				retained = append(retained, Retained{ID: o.ID(), Reason: reason})
			}
			return reason != ""
		})
	}
	retain(p.Retain)
	configMaps := slices.DeleteFunc(slices.Clone(objects), func(o manifest.Object) bool { return o.Kind() != "ConfigMap" })
	var soon []manifest.Object
	if p.DryRun {
		soon = p.Keep
	}
	used, err := workload.InUse(ctx, a.client, configMaps, soon)
	if err != nil {
		return nil, retained, err
	}
	retain(func(o manifest.Object) string { return used[o.ID()] })
	shared, err := a.sharedServices(ctx, objects)
	if err != nil {
		return nil, retained, err
	}
	retain(func(o manifest.Object) string { return shared[o.ID()] })
	secrets, err := a.ownedSecrets(ctx, objects)
	if err != nil {
		return nil, retained, err
	}
	retain(func(o manifest.Object) string { return p.retainSecrets(secrets[o.ID()]) })
	return objects, retained, nil
}

// retainSecrets returns why an object that owns Secrets is kept.
func (p Pruning) retainSecrets(owned []ownedSecret) string {
	for _, s := range owned {
		if s.unknown != "" {
			return fmt.Sprintf("the garbage collector may delete %s with it, and %s", s.secret, s.unknown)
		}
	}
	if p.Certificates || len(owned) == 0 {
		return ""
	}
	return fmt.Sprintf("the garbage collector would delete %s with it; --prune-certificates keeps the Secret and deletes the rest", owned[0].secret)
}

// Prune deletes objects one after another, or checks it with a server-side dry
// run, and calls pruned after each. TLS Secrets that the garbage collector would
// delete with an object are kept: see keepSecret.
func (a *Applier) Prune(ctx context.Context, objects []manifest.Object, dryRun bool, pruned func(manifest.Object)) error {
	secrets, err := a.ownedSecrets(ctx, objects)
	if err != nil {
		return err
	}
	for _, o := range objects {
		for _, s := range secrets[o.ID()] {
			if err := a.keepSecret(ctx, s, dryRun); err != nil {
				return err
			}
		}
		if err := a.client.Delete(ctx, o, dryRun); err != nil {
			return err
		}
		pruned(o)
	}
	return nil
}
