package operator

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// StatusRow is the status of one requested certificate.
type StatusRow struct {
	Row
	Expires time.Time `json:"expires,omitzero"`
	Renews  time.Time `json:"renews,omitzero"`
	// Failures is the number of failed orders that delay the next. Failed is the time of the last
	// one, and Cause why it failed, or what cert-manager reports.
	Failures int       `json:"failures,omitempty"`
	Failed   time.Time `json:"failed,omitzero"`
	Cause    string    `json:"cause,omitempty"`
	Status   string    `json:"status"` // ok, or what is wrong
}

// OK reports whether the certificate needs no action.
func (r StatusRow) OK() bool { return r.Action == issuance.UpToDate }

// Status returns the status of every requested certificate, sorted by Secret. It sends no
// request to any CA.
func (o *Operator) Status(ctx context.Context, hooks Hooks) ([]StatusRow, error) {
	entries, err := o.read(ctx, hooks)
	if err != nil {
		return nil, err
	}
	reported, notes, err := o.snapshot.Reported(ctx)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		hooks.note(note)
	}
	r := o.runner(ctx, nil)
	r.Limits = nil
	r.CA = func(context.Context, issuance.Issuer) (issuance.CA, error) { return nil, issuance.ErrNoRenewalInfo }
	events, err := r.Plan(ctx, entries)
	if err != nil {
		return nil, err
	}
	rows := make([]StatusRow, 0, len(events))
	for _, e := range events {
		row := newStatusRow(o.Row(e), e, time.Now())
		if report, found := reported[e.Entry.Ref]; found && o.isCertManagers(ctx, e.Entry.Secret) {
			row.add(report)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// isCertManagers reports whether the status of a Certificate says something about its Secret: run
// does not update it, so that it is obsolete once run has issued the certificate and cert-manager
// does not run.
func (o *Operator) isCertManagers(ctx context.Context, h issuance.SecretState) bool {
	if h.Note.Leaf == "" {
		return true
	}
	holder, err := watch.CertManager(ctx, o.client)
	return holder != "" || err != nil
}

func newStatusRow(row Row, e issuance.Event, now time.Time) StatusRow {
	j, d := e.Entry.Journal, e.Decision
	s := StatusRow{Row: row, Expires: e.Entry.Secret.NotAfter, Failures: j.Failures, Status: "ok"}
	if e.Kind == issuance.UpToDate {
		s.Renews = e.At
		return s
	}
	s.Status = cmp.Or(d.Deferred, s.Reason())
	failed := j.Demand == e.Entry.Demand.Digest && !j.Failed.IsZero() && j.Detail != ""
	if failed && (d.Waiting != "" || d.Deferred == "") {
		s.Failed, s.Cause = j.Failed, j.Detail
		reason := strings.TrimSpace(string(cmp.Or(d.Waiting, d.Why)) + " " + d.Detail)
		s.Status = fmt.Sprintf("%s; failed%s, %s ago", reason, times(j.Failures), phrase.Age(max(now.Sub(j.Failed), 0)))
		if d.Waiting != "" {
			s.Status += ", next try at " + j.Next(j.Demand, e.Entry.Secret, now).String()
		}
		s.Status += ": " + j.Detail
	}
	return s
}

// times formats a number of failures. It is zero after a request for renewal.
func times(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return " once"
	}
	return fmt.Sprintf(" %d times", n)
}

// add adds what cert-manager reports. A certificate that cert-manager does not accept, or did not
// renew, is not up to date.
func (s *StatusRow) add(r watch.Report) {
	switch {
	case s.OK() && r.NotReady:
		s.Status = "not ready"
	case s.OK() && r.Failed:
		s.Status = "renewal failed"
	case s.OK() || r.Cause == "" || s.Failed.After(r.At):
		return
	}
	if s.OK() {
		s.Action = issuance.Deferred
	}
	if s.Cause = r.Cause; r.Cause != "" {
		s.Status += "; cert-manager: " + r.Cause
	}
}
