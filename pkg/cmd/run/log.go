package run

import (
	"log/slog"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

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
	case issuance.Deferred:
		log.Warn("deferred", "why", e.Decision.Deferred)
	case issuance.Noted:
		log.Warn(e.Note)
	case issuance.Done:
		log.Info("issued", "took", e.Took.Round(time.Millisecond).String(), "expires", e.Entry.Secret.NotAfter.UTC().Format(time.RFC3339), "renews", e.At.UTC().Format(time.RFC3339))
	case issuance.Failed:
		log.Error("failed", "error", e.Err.Error(), "next", e.At.UTC().Format(time.RFC3339))
	}
}
