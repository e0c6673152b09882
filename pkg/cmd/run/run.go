package run

import (
	"context"
	"errors"
	"log/slog"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/lifecycle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// Run issues and renews certificates, or does what a flag asks for instead.
func Run(ctx context.Context, o *Options) error {
	if o.ResponderOnly {
		return o.Process.Finish(o.ShutdownTimeout, func() error { return o.respond(ctx) })
	}
	limitMemory()
	ctx, stop := shutdown.With(ctx, lifecycle.RequestTimeout(o.ShutdownTimeout))
	defer stop()
	log := slog.New(slog.NewTextHandler(o.IO.Err, nil))
	o.Settings.Log = log
	op, err := o.Operator(o.Settings)
	if err != nil {
		return err
	}
	if o.DryRun {
		return o.runDry(ctx, op)
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
	o.IO.Messagef("%d issued, %d failed, %d held back, %d fine", summary.Issued, summary.Failed, summary.Held, summary.Fine)
	if summary.Failed+summary.Held > 0 {
		return cmdutil.ErrFound
	}
	return nil
}

// follow keeps running until a signal, which is no error.
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
			o.IO.Messagef("waiting while %s orders (Lease %s)", e.Holder, e.Lease)
		case operator.LeaseHeld:
			t.holds(e.Lease)
		case operator.LeaseReleased:
			t.holds("")
		case operator.LeaseKept:
			o.IO.Messagef("warning: release Lease %s: the cluster does not answer; the next run waits up to %s for it", e.Lease, o.Settings.LeaseDuration)
		}
	}
}
