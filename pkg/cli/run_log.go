package cli

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

// runUntilStopped keeps running until a signal, which is no error.
func runUntilStopped(ctx context.Context, op *operator.Operator, log logReporter, lease func(operator.LeaseEvent)) error {
	err := op.Run(ctx, operator.Hooks{Event: log.report, Lease: lease})
	if ctx.Err() == nil || err != nil && !errors.Is(err, context.Canceled) {
		return withRunHint(err)
	}
	log.log.Info("stopped", "done", log.tally.String())
	return nil
}

// logReporter reports events as lines of a log.
type logReporter struct {
	tally *tally
	log   *slog.Logger
}

func (l logReporter) report(e issuance.Event) {
	l.tally.add(e)
	log := l.log.With("namespace", e.Entry.Ref.Namespace, "secret", e.Entry.Ref.Name)
	switch e.Kind {
	case issuance.Planned:
		log.Info("ordering", "why", string(e.Decision.Why), "detail", e.Decision.Detail, "cost", e.Cost.Text)
	case issuance.Held:
		log.Warn("held back", "why", e.Decision.Held)
	case issuance.Done:
		log.Info("issued", "took", e.Took.Round(time.Millisecond).String(), "expires", e.Entry.Have.NotAfter.UTC().Format(time.RFC3339), "renews", e.At.UTC().Format(time.RFC3339))
	case issuance.Failed:
		log.Error("failed", "error", e.Err.Error(), "next", e.At.UTC().Format(time.RFC3339))
	}
}
