package run

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/help"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// NewCmd returns the command. A nil run is Run.
func NewCmd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	if run == nil {
		run = Run
	}
	o := &Options{IO: f.IO, Process: f.Process, Settings: operator.DefaultOptions(), Output: output.ForRows()}
	o.Operator = func(ctx context.Context, settings operator.Options) (*operator.Operator, error) {
		return o.Requests.Operator(ctx, f, settings)
	}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Issue and renew certificates with ACME, without cert-manager",
		Long: "Issue and renew certificates with ACME, without cert-manager, from the same\n" +
			"manifests as cert-manager. Without --once, run until interrupted.\n" +
			"Exit codes of --once: 0 issued or rate-limited, 1 failed or deferred, 2 not run.",
		Example: "  kubectl certs run --once -k overlays/prod --dry-run\n" +
			"  kubectl certs run --all-namespaces --listen :8089 --metrics-listen :9402",
		Args: help.NoOperands("issues what the objects of the cluster request; -f FILE and -k FOLDER read manifests instead"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if level := cmd.Flag("v"); level != nil {
				o.Verbose = level.Changed
			}
			if err := o.complete(args); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.Requests.AddTo(cmd, requests.Usage{
		File:      "read requests from files; - is stdin",
		Kustomize: "read requests from a kustomization",
	})
	o.Output.AddTo(cmd)
	format := cmd.Flag("output")
	format.Usage = "with --dry-run: json, yaml, name, wide, …"
	o.addFlags(cmd)
	return cmd
}

// Run issues and renews certificates, or does what a flag says instead.
func Run(ctx context.Context, o *Options) error {
	if o.ResponderOnly {
		return o.Process.Finish(o.ShutdownTimeout, func() error { return o.respond(ctx) })
	}
	ctx, stop := shutdown.With(ctx, lifecycle.RequestTimeout(o.ShutdownTimeout))
	defer stop()
	log := o.newLog()
	o.Settings.Log = log
	op, err := o.Operator(ctx, o.Settings)
	if err != nil {
		return err
	}
	if o.DryRun {
		return o.runDry(ctx, op)
	}
	if o.Register {
		return o.Process.Finish(o.ShutdownTimeout, func() error { return o.register(ctx, op) })
	}
	t := newTally()
	t.follows = !o.Once
	o.Process.OnStop(t.String)
	return o.Process.Finish(o.ShutdownTimeout, func() error {
		if o.Once {
			return o.runOnce(ctx, op, t)
		}
		return o.follow(ctx, op, logReporter{t, log})
	})
}

// respond answers challenges for the given accounts.
func (o *Options) respond(ctx context.Context) error {
	address := o.Settings.Listen
	return explain(operator.Respond(ctx, address, o.Accounts, func() {
		o.IO.Messagef("answering challenges at %s for %s", address, phrase.Count(len(o.thumbprints), "thumbprint"))
	}))
}

// runOnce issues what is due now and reports how it went.
func (o *Options) runOnce(ctx context.Context, op *operator.Operator, t *tally) error {
	console := &consoleReporter{io: o.IO, row: op.Row, tally: t}
	hooks := requests.ReadingHooks(o.IO)
	hooks.Event, hooks.Lease = console.report, o.reportLease(t)
	summary, err := op.Once(ctx, hooks)
	console.clear()
	if err != nil {
		return explain(err)
	}
	return o.conclude(summary)
}

// conclude prints the counts of a single pass. It does not return ErrFound for a rate
// limit alone: a later run orders what it has deferred.
func (o *Options) conclude(summary issuance.Summary) error {
	o.IO.Messagef("%d issued, %d failed, %d deferred, %d up to date", summary.Issued, summary.Failed, summary.Deferred+summary.RateLimited, summary.UpToDate)
	if summary.RateLimited > 0 {
		o.IO.Messagef("note: %s deferred because of a rate limit of the CA; a later run orders them. --rate-budget none orders them now", phrase.Count(summary.RateLimited, "certificate"))
	}
	if summary.Failed+summary.Deferred > 0 {
		return cmdutil.ErrFound
	}
	return nil
}

// follow keeps running until a signal, which does not count as an error.
func (o *Options) follow(ctx context.Context, op *operator.Operator, log logReporter) error {
	err := op.Run(ctx, operator.Hooks{Event: log.report, Lease: o.reportLease(log.tally)})
	if ctx.Err() == nil || err != nil && !errors.Is(err, context.Canceled) {
		return explain(err)
	}
	log.log.Info("stopped", "done", log.tally.String())
	return nil
}

// reportLease reports the steps of leader election.
func (o *Options) reportLease(t *tally) func(operator.LeaseEvent) {
	return func(e operator.LeaseEvent) {
		switch e.State {
		case operator.LeaseWaiting:
			o.IO.Messagef("waiting: %s is the leader (Lease %s)", e.Holder, e.Lease)
		case operator.LeaseHeld:
			t.holds(e.Lease)
		case operator.LeaseReleased:
			t.holds("")
		case operator.LeaseKept:
			o.IO.Messagef("warning: release Lease %s: no response from the cluster; the next run waits up to %s for it", e.Lease, o.Settings.LeaseDuration)
		}
	}
}
