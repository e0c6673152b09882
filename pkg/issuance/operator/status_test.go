package operator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
)

// TestStatusRow: the cause of a failed order remains until the certificate is issued, with its age.
// What cert-manager reports later is added, and a certificate that it does not accept is not ok.
func TestStatusRow(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	failed := func(n int, ago time.Duration) issuance.Journal {
		return issuance.Journal{Demand: "d", Failures: n, Failed: now.Add(-ago), Detail: "solver: no Secret"}
	}
	missing := issuance.Decision{Why: issuance.Missing}
	waiting := issuance.Decision{Deferred: "missing; failed once, next try at …: solver: no Secret", Waiting: issuance.Missing}
	of := func(j issuance.Journal, demand string) issuance.Journal {
		j.Demand = demand
		return j
	}
	for name, tt := range map[string]struct {
		kind     issuance.Kind
		decision issuance.Decision
		journal  issuance.Journal
		report   watch.Report
		want     string
	}{
		"up to date":             {kind: issuance.UpToDate, want: "ok"},
		"missing":                {kind: issuance.Planned, decision: missing, want: "missing"},
		"waiting":                {kind: issuance.Deferred, decision: waiting, journal: failed(1, 30*time.Second), want: "missing; failed once, 30s ago, next try at 2026-11-29T12:00:30Z: solver: no Secret"},
		"after the delay":        {kind: issuance.Planned, decision: missing, journal: failed(1, 62*time.Second), want: "missing; failed once, 62s ago: solver: no Secret"},
		"often, long ago":        {kind: issuance.Planned, decision: missing, journal: failed(3, 60*time.Hour), want: "missing; failed 3 times, 2d ago: solver: no Secret"},
		"renewal requested":      {kind: issuance.Planned, decision: missing, journal: failed(0, 5*time.Minute), want: "missing; failed, 5m ago: solver: no Secret"},
		"of another request":     {kind: issuance.Planned, decision: missing, journal: of(failed(1, time.Hour), "e"), want: "missing"},
		"prevented otherwise":    {kind: issuance.Deferred, decision: issuance.Decision{Deferred: "no issuer"}, journal: failed(1, time.Hour), want: "no issuer"},
		"cert-manager's":         {kind: issuance.Planned, decision: missing, report: watch.Report{NotReady: true, Cause: "no such host"}, want: "missing; cert-manager: no such host"},
		"cert-manager is silent": {kind: issuance.Planned, decision: missing, report: watch.Report{NotReady: true}, want: "missing"},
		"cert-manager's, before": {kind: issuance.Planned, decision: missing, journal: failed(1, time.Hour), report: watch.Report{NotReady: true, Cause: "x", At: now.Add(-2 * time.Hour)}, want: "missing; failed once, 60m ago: solver: no Secret"},
		"not accepted":           {kind: issuance.UpToDate, report: watch.Report{NotReady: true, Failed: true, Cause: "order errored"}, want: "not ready; cert-manager: order errored"},
		"not accepted, no cause": {kind: issuance.UpToDate, report: watch.Report{NotReady: true}, want: "not ready"},
		"not renewed":            {kind: issuance.UpToDate, report: watch.Report{Failed: true, Cause: "denied"}, want: "renewal failed; cert-manager: denied"},
		"being renewed":          {kind: issuance.UpToDate, report: watch.Report{Cause: "pending"}, want: "ok"},
	} {
		e := issuance.Event{Kind: tt.kind, Decision: tt.decision, Entry: issuance.Entry{Demand: &issuance.Demand{Digest: "d"}, Journal: tt.journal}}
		row := newStatusRow(Row{Action: tt.kind, Why: string(tt.decision.Why)}, e, now)
		row.add(tt.report)
		if diff := cmp.Diff(tt.want, row.Status); diff != "" || row.OK() != (tt.want == "ok") {
			t.Errorf("%s: OK is %v (-want +got):\n%s", name, row.OK(), diff)
		}
	}
}
