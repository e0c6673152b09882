package apply

import (
	"context"
	"encoding/json"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Preview has the changes that applying objects would make.
type Preview struct {
	Live, After []manifest.Object
	Conflicts   []Conflict
	// Missing are kinds that the cluster does not serve, and Retained are objects
	// that are not pruned. Only PreviewSet sets them.
	Missing  []Missing
	Retained []Retained
}

// Preview returns the result of server-side apply for objects, after
// ResolveScope. It uses a dry run, only for objects that seem to differ.
// Objects that do not exist are shown as desired.
func (a *Applier) Preview(ctx context.Context, objects []manifest.Object) (Preview, error) {
	live, err := a.client.Read(ctx, objects)
	if err != nil {
		return Preview{}, err
	}
	type outcome struct {
		before, after manifest.Object
		conflicts     []string
	}
	outcomes := make([]outcome, len(objects))
	var jobs []func(context.Context) error
	for i, want := range objects {
		have, there := live[want.ID()]
		want = withSet(want, have.Labels()[v1alpha1.SetLabel])
		switch {
		case !there:
			outcomes[i].after = want
		case upToDate(have, want, migrate(have)):
			outcomes[i] = outcome{before: have, after: have}
		default:
			jobs = append(jobs, func(ctx context.Context) error {
				after, conflict, err := a.dryRun(ctx, have, want)
				if err != nil {
					return fmt.Errorf("dry run of %s: %w", want.ID(), kube.WrapUnavailable(err))
				}
				outcomes[i] = outcome{withoutServerFields(have), withoutServerFields(after), conflictsOf(conflict)}
				return nil
			})
		}
	}
	if err := kube.InParallel(ctx, jobs); err != nil {
		return Preview{}, err
	}
	var p Preview
	for i, o := range outcomes {
		if o.before != nil {
			p.Live = append(p.Live, o.before)
		}
		p.After = append(p.After, o.after)
		if len(o.conflicts) > 0 {
			p.Conflicts = append(p.Conflicts, Conflict{objects[i].ID(), o.conflicts})
		}
	}
	return p, nil
}

// dryRun returns the result that apply would have. It returns a conflict with
// other managers separately, and then the result of forcing it.
func (a *Applier) dryRun(ctx context.Context, have, want manifest.Object) (after manifest.Object, conflict, err error) {
	m := migrate(have)
	options := metav1.ApplyOptions{FieldManager: kube.FieldManager, DryRun: []string{metav1.DryRunAll}}
	after, err = a.client.Apply(ctx, want, options)
	if len(conflictsOf(err)) > 0 {
		conflict = m.remaining(err)
		options.Force = true
		after, err = a.client.Apply(ctx, want, options)
	}
	if err == nil && len(m.from) > 0 {
		after, err = a.migrated(ctx, have, withoutLeftFields(after, m))
	}
	return after, conflict, err
}

// migrated returns a changed object with the defaults that the server sets, by a
// dry run of a patch.
func (a *Applier) migrated(ctx context.Context, have, changed manifest.Object) (manifest.Object, error) {
	before, err := json.Marshal(withoutServerFields(have))
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(withoutServerFields(changed))
	if err != nil {
		return nil, err
	}
	patch, err := jsonpatch.CreateMergePatch(before, after)
	if err != nil {
		return nil, err
	}
	return a.client.Patch(ctx, have, patch, metav1.PatchOptions{FieldManager: kube.FieldManager, DryRun: []string{metav1.DryRunAll}})
}

// withoutServerFields returns an object without the fields that the server
// sets, and without the copy of itself that kubectl apply keeps in an annotation,
// which has the data of Secrets.
func withoutServerFields(o manifest.Object) manifest.Object {
	if o == nil {
		return nil
	}
	o = o.Clone()
	delete(o, "status")
	metadata := o.Map("metadata")
	for _, key := range []string{"managedFields", "generation", "resourceVersion", "uid", "creationTimestamp", "selfLink"} {
		delete(metadata, key)
	}
	if annotations, _ := metadata["annotations"].(map[string]any); annotations[corev1.LastAppliedConfigAnnotation] != nil {
		if delete(annotations, corev1.LastAppliedConfigAnnotation); len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	}
	return o
}

// Result is the result of applying an object.
type Result string

// The results.
const (
	Created    Result = "created"
	Configured Result = "configured"
	Unchanged  Result = "unchanged"
)

// Options are options of apply.
type Options struct {
	// Set labels the objects, "" for no label.
	Set string
	// Force takes ownership of conflicting fields; without it they are an
	// error.
	Force bool
	// DryRun is a dry run on the server, without changes.
	DryRun bool
}

// Outcome is the result for one object.
type Outcome struct {
	ID manifest.ID
	// Live is the object as it was, nil if it did not exist.
	Live   manifest.Object
	Result Result // "" if Err is not nil, or if the object was not sent
	Err    error
	// Unanswered is true if the object was sent without a response, so that it
	// may or may not be applied.
	Unanswered bool
}

// Apply applies objects that do not depend on each other, after ResolveScope.
// It does not send objects that are up to date. If the cluster stops responding
// or the context ends, the remaining objects are not sent and the error says
// so; requests in flight are finished.
func (a *Applier) Apply(ctx context.Context, objects []manifest.Object, o Options) ([]Outcome, error) {
	live, err := a.client.Read(ctx, objects)
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(objects))
	var jobs []func(context.Context) error
	for i, want := range objects {
		want = withSet(want, o.Set)
		have := live[want.ID()]
		outcomes[i].ID, outcomes[i].Live = want.ID(), have
		if m := migrate(have); have != nil && m.isNothing() && upToDate(have, want, m) {
			outcomes[i].Result = Unchanged
			continue
		}
		jobs = append(jobs, func(ctx context.Context) error {
			begun := ctx.Err() == nil
			result, err := a.applyOne(ctx, have, want, o)
			if err != nil && !kube.IsAPIError(err) {
				outcomes[i].Unanswered = begun
				return err
			}
			outcomes[i].Result, outcomes[i].Err = result, err
			return nil
		})
	}
	return outcomes, kube.InParallel(ctx, jobs)
}

func (a *Applier) applyOne(ctx context.Context, have, want manifest.Object, o Options) (Result, error) {
	after, err := a.send(ctx, have, want, o)
	switch {
	case err != nil:
		return "", fmt.Errorf("apply %s: %w", want.ID(), kube.WrapUnavailable(err))
	case have == nil:
		return Created, nil
	case manifest.Equal(withoutServerFields(have), withoutServerFields(after)):
		return Unchanged, nil
	}
	return Configured, nil
}

// send applies an object, after taking over the fields of the tools that applied
// it before, or does a dry run of both.
func (a *Applier) send(ctx context.Context, have, want manifest.Object, o Options) (manifest.Object, error) {
	if o.DryRun {
		after, conflict, err := a.dryRun(ctx, have, want)
		if err == nil && !o.Force {
			err = conflict
		}
		return after, err
	}
	if err := a.takeOver(ctx, have); err != nil {
		return nil, err
	}
	return a.client.Apply(ctx, want, metav1.ApplyOptions{FieldManager: kube.FieldManager, Force: o.Force})
}
