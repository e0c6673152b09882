package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/apply"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

type applyFlags struct {
	project      projectFlags
	target       targetFlags
	dryRun       string
	force, prune bool
}

func newApplyCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Apply an overlay to the cluster, for those without Argo CD or Flux",
		Long: "Apply an overlay, or an environment of certs.yaml, to the cluster: server-side,\n" +
			"in the order that works (namespaces, CRDs, issuers, the rest). What was applied is\n" +
			"labelled, so that --prune finds what is no longer wanted.\n\n" +
			"On SIGINT or SIGTERM it finishes the requests in flight and says what is applied.\n\n" +
			"Exit codes: 0 applied, 2 failed or stopped; applying again goes on where it failed.",
		Example: "  kubectl certs apply -k overlays/staging\n" +
			"  kubectl certs apply -e prod --dry-run=server",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("dry-run", f.dryRun, "none", "server"); err != nil {
				return err
			}
			t, err := f.target.load(cmd.Context(), env, f.project)
			if err != nil {
				return err
			}
			client, err := env.factory.Kube()
			if err != nil {
				return err
			}
			if f.dryRun == "server" {
				return applyRun(cmd.Context(), env, client, f, t)
			}
			ctx, stop := shutdown.With(cmd.Context(), shutdownLimit(shutdownTimeout))
			defer stop()
			return env.finish(shutdownTimeout, func() error { return applyRun(ctx, env, client, f, t) })
		},
	}
	f.project.add(cmd.Flags())
	f.target.add(cmd.Flags())
	cmd.Flags().StringVar(&f.dryRun, "dry-run", "none", "none, or server: ask the server, change nothing")
	cmd.Flags().BoolVar(&f.force, "force-conflicts", false, "take over fields that somebody else owns")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "delete objects of the set that are no longer wanted")
	return cmd
}

func applyRun(ctx context.Context, env Env, client *kube.Client, f applyFlags, t project.Target) error {
	a := applying{env: env, client: client, applier: apply.New(client), flags: f, set: t.Set}
	if f.dryRun != "server" {
		a.done.total = len(t.Objects)
		env.onStop(a.done.String)
	}
	for _, stage := range apply.Order(t.Objects) {
		placed, others, err := place(env, client, stage)
		if err != nil {
			return err
		}
		if err := a.stage(ctx, placed); err != nil {
			return err
		}
		if len(others) > 0 {
			return fmt.Errorf("%s not applied", count(len(others), "object"))
		}
		if f.dryRun != "server" {
			if err := a.applier.WaitEstablished(ctx, placed); err != nil {
				return err
			}
		}
	}
	if !f.prune {
		return nil
	}
	placed, _, err := client.ResolveScope(t.Objects)
	if err != nil {
		return err
	}
	return a.prune(ctx, placed)
}

// applying is an apply under way.
type applying struct {
	env     Env
	client  *kube.Client
	applier *apply.Applier
	flags   applyFlags
	set     string
	done    applied
}

// stage applies objects that do not depend on each other, and names every one
// that failed.
func (a *applying) stage(ctx context.Context, objects []manifest.Object) error {
	done := a.env.progress(fmt.Sprintf("applying %s", count(len(objects), "object")))
	outcomes, silence := a.applier.Apply(ctx, objects, apply.Options{Set: a.set, Force: a.flags.force, DryRun: a.flags.dryRun == "server"})
	done()
	a.done.note(outcomes)
	var errs []error
	for _, o := range outcomes {
		switch {
		case o.Err != nil:
			errs = append(errs, o.Err)
		case o.Result != "":
			a.env.print("%s %s%s", o.ID, o.Result, suffix(a.flags.dryRun))
		}
	}
	if silence != nil && ctx.Err() == nil {
		return withHint(silence, "apply again when the cluster answers; what is applied already stays as it is")
	}
	err := errors.Join(append(errs, silence)...)
	if slices.ContainsFunc(errs, kube.IsConflict) {
		return withHint(err, "--force-conflicts takes the fields over; or leave them to their owners and out of certs.yaml")
	}
	return err
}

// applied counts what an apply has done, for the case that a signal stops it.
type applied struct {
	lock                               sync.Mutex
	total, applied, failed, unanswered int
	prunable, pruned                   int
}

func (a *applied) note(outcomes []apply.Outcome) {
	a.lock.Lock()
	defer a.lock.Unlock()
	for _, o := range outcomes {
		switch {
		case o.Result != "":
			a.applied++
		case o.Err != nil && !o.Unanswered && !errors.Is(o.Err, context.Canceled):
			a.failed++
		}
		if o.Unanswered {
			a.unanswered++
		}
	}
}

func (a *applied) notePruned(done, of int) {
	a.lock.Lock()
	defer a.lock.Unlock()
	a.pruned, a.prunable = done, of
}

// String says what is applied, and what to do about the rest.
func (a *applied) String() string {
	a.lock.Lock()
	defer a.lock.Unlock()
	text := fmt.Sprintf("%d of %s applied", a.applied, count(a.total, "object"))
	if a.failed > 0 {
		text += fmt.Sprintf(", %d failed", a.failed)
	}
	if a.unanswered > 0 {
		text += fmt.Sprintf(", %d without an answer", a.unanswered)
	}
	if a.prunable > 0 {
		text += fmt.Sprintf(", %d of %d pruned", a.pruned, a.prunable)
	}
	return text + "; run the command again for the rest"
}

func suffix(dryRun string) string {
	if dryRun == "server" {
		return " (server dry run)"
	}
	return ""
}

func (a *applying) prune(ctx context.Context, keep []manifest.Object) error {
	p := apply.Pruning{Set: a.set, Keep: keep}
	if a.flags.dryRun == "server" {
		p.Soon = keep
	}
	objects, err := prunable(ctx, a.env, a.applier, p)
	if err != nil {
		return err
	}
	a.done.notePruned(0, len(objects))
	for i, o := range objects {
		if err := a.client.Delete(ctx, o, a.flags.dryRun == "server"); err != nil {
			return err
		}
		a.done.notePruned(i+1, len(objects))
		a.env.print("%s pruned%s", o.ID(), suffix(a.flags.dryRun))
	}
	return nil
}

// prunable returns what pruning deletes, and says what else stays and why.
func prunable(ctx context.Context, env Env, applier *apply.Applier, p apply.Pruning) ([]manifest.Object, error) {
	p.Retain = project.RetainReason
	objects, retained, err := applier.Prunable(ctx, p)
	for _, r := range retained {
		env.say("note: %s is not pruned, for %s", r.ID, r.Reason)
	}
	return objects, err
}
