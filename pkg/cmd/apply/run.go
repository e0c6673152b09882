package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// Run applies what the options load. A signal does not cut off a request, except
// in a dry run.
func Run(ctx context.Context, o *Options) error {
	target, err := o.Load(ctx)
	if err != nil {
		return err
	}
	client, err := o.Kube()
	if err != nil {
		return err
	}
	w := &work{o: o, applier: apply.New(client), set: target.Set, signal: ctx}
	if o.isDryRun() {
		return w.run(ctx, target.Objects)
	}
	w.tally.total = len(target.Objects)
	o.Process.OnStop(w.tally.String)
	finishing, stop := shutdown.With(ctx, lifecycle.RequestTimeout(lifecycle.ChangeTimeout))
	defer stop()
	return o.Process.Finish(lifecycle.ChangeTimeout, func() error { return w.run(finishing, target.Objects) })
}

// work is an apply under way.
type work struct {
	o       *Options
	applier *apply.Applier
	set     string
	signal  context.Context // ends with a signal
	tally   tally
}

func (w *work) run(ctx context.Context, objects []manifest.Object) error {
	for _, stage := range apply.Order(objects) {
		if err := w.stage(ctx, stage); err != nil {
			return err
		}
	}
	if !w.o.Target.Prune {
		return nil
	}
	return w.prune(ctx, objects)
}

// stage applies objects that do not depend on each other, and waits until the
// CRDs among them are served.
func (w *work) stage(ctx context.Context, objects []manifest.Object) error {
	served, missing, err := w.applier.Served(objects)
	if err != nil {
		return err
	}
	left := 0
	for _, m := range missing {
		left += len(m.Objects)
		w.o.IO.Messagef("note: %s", m)
	}
	if err := w.apply(ctx, served); err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("%s not applied", phrase.Count(left, "object"))
	}
	if w.o.isDryRun() {
		return nil
	}
	defer w.o.IO.Progressing("waiting until the CRDs are served")()
	return w.applier.WaitEstablished(ctx, served)
}

// apply applies objects. Its error names every one that failed.
func (w *work) apply(ctx context.Context, objects []manifest.Object) error {
	done := w.o.IO.Progressing("applying " + phrase.Count(len(objects), "object"))
	outcomes, silence := w.applier.Apply(ctx, objects, apply.Options{Set: w.set, Force: w.o.Force, DryRun: w.o.isDryRun()})
	done()
	w.tally.add(outcomes)
	var errs []error
	for i, outcome := range outcomes {
		switch {
		case outcome.Err != nil:
			errs = append(errs, outcome.Err)
		case outcome.Result != "":
			w.print(outcome.ID, string(outcome.Result))
			w.noteServer(outcome.Live, objects[i])
		}
	}
	if silence != nil && ctx.Err() == nil {
		return hint.With(silence, "run the command again when the cluster is reachable; applied objects stay")
	}
	err := errors.Join(append(errs, silence)...)
	if slices.ContainsFunc(errs, kube.IsConflict) {
		return hint.With(err, "--force-conflicts overwrites these fields; or remove them from certs.yaml")
	}
	return err
}

// noteServer says so if an ACME issuer has another server than before.
func (w *work) noteServer(before, after manifest.Object) {
	if before == nil {
		return
	}
	old, new := diff.Overlay{Objects: []manifest.Object{before}}, diff.Overlay{Objects: []manifest.Object{after}}
	for _, c := range diff.ServerChanges([]diff.Overlay{old}, []diff.Overlay{new}) {
		w.o.IO.Messagef("note: %s", c)
	}
}

// prune deletes the objects of the set that are not among those to keep.
func (w *work) prune(ctx context.Context, keep []manifest.Object) error {
	objects, retained, err := w.applier.Prunable(ctx, apply.Pruning{Set: w.set, Keep: keep, DryRun: w.o.isDryRun(), Retain: project.RetainReason, Certificates: w.o.Target.PruneCertificates})
	size := len(keep) + len(objects)
	for _, r := range retained {
		w.o.IO.Messagef("note: %s", r)
		if !r.Unread {
			size++
		}
	}
	if err != nil {
		return err
	}
	if !w.o.isDryRun() {
		if err := w.confirm(objects, size); err != nil {
			return err
		}
	}
	done := 0
	w.tally.setPruned(done, len(objects))
	return w.applier.Prune(ctx, objects, w.o.isDryRun(), func(object manifest.Object) {
		done++
		w.tally.setPruned(done, len(objects))
		w.print(object.ID(), "pruned")
	})
}

// confirm asks at a terminal before objects of a set are deleted. Elsewhere it
// returns an error for more than half of the size of the set, which is more often
// a mistake than a change.
func (w *work) confirm(objects []manifest.Object, size int) error {
	if w.o.Yes || len(objects) == 0 {
		return nil
	}
	if w.o.IO.Interactive {
		for _, o := range objects {
			w.o.IO.Messagef("to delete: %s", o.ID())
		}
		if w.o.IO.Confirm(w.signal, fmt.Sprintf("Delete %s of set %s?", phrase.Count(len(objects), "object"), w.set)) {
			return nil
		}
		return errors.New("nothing deleted: not confirmed")
	}
	if 2*len(objects) <= size {
		return nil
	}
	return hint.With(
		fmt.Errorf("nothing deleted: --prune would delete %d of %d objects of set %s", len(objects), size, w.set),
		"diff --live --prune shows them; --yes deletes them",
	)
}

// print prints what became of an object.
func (w *work) print(id manifest.ID, result string) {
	if w.o.isDryRun() {
		result += " (server dry run)"
	}
	w.o.IO.Printf("%s %s", id.Resource(), result)
}
