package operator

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Row is what a run would do for one Secret.
type Row struct {
	Namespace   string        `json:"namespace"`
	Secret      string        `json:"secret"`
	Names       []string      `json:"names"`
	Issuer      string        `json:"issuer"` // kind and name
	RequestedBy string        `json:"requestedBy"`
	Action      issuance.Kind `json:"action"` // planned, deferred or ok
	Why         string        `json:"why,omitempty"`
	Detail      string        `json:"detail,omitempty"`
	Challenges  []string      `json:"challenges,omitempty"` // without duplicates
	Cost        string        `json:"cost,omitempty"`
	At          time.Time     `json:"at,omitzero"`
}

// Reason returns why something is done, on one line; "" if nothing is.
func (r Row) Reason() string {
	if r.Detail == "" {
		return r.Why
	}
	return r.Why + " " + r.Detail
}

// ShortIssuer returns the issuer without the kind ClusterIssuer, the usual one.
func (r Row) ShortIssuer() string { return strings.TrimPrefix(r.Issuer, "ClusterIssuer ") }

// ShortNames returns the first name and the number of others: a.example.com +2.
func (r Row) ShortNames() string {
	switch len(r.Names) {
	case 0:
		return ""
	case 1:
		return r.Names[0]
	}
	return fmt.Sprintf("%s +%d", r.Names[0], len(r.Names)-1)
}

// ObjectName returns the Secret for kubectl, for example secret/web-tls.
func (r Row) ObjectName() string { return "secret/" + r.Secret }

// Row returns the row of an event about a requested certificate.
func (o *Operator) Row(e issuance.Event) Row {
	d := e.Entry.Demand
	r := Row{
		Namespace: d.Ref.Namespace, Secret: d.Ref.Name, Names: d.Names, Issuer: d.Issuer.Key().String(),
		RequestedBy: d.By.Kind + "/" + d.By.Name, Action: e.Kind, Cost: e.Cost.Text, At: e.At,
		Why: string(e.Decision.Why), Detail: cmp.Or(e.Decision.Deferred, e.Decision.Detail),
	}
	if d.Problem == "" && e.Kind == issuance.Planned {
		r.Challenges = o.methods.describe(d)
	}
	return r
}

// Plan returns what Once would do, sorted by Secret. It asks CAs only for renewal information.
// Set Options.DryRun, so that no account is registered.
func (o *Operator) Plan(ctx context.Context, hooks Hooks) ([]Row, error) {
	entries, err := o.read(ctx, hooks)
	if err != nil {
		return nil, err
	}
	events, err := o.runner(ctx, nil).Plan(ctx, entries)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(events))
	for _, e := range events {
		rows = append(rows, o.Row(e))
		if e.Kind == issuance.Planned {
			o.planned = append(o.planned, e.Entry.Demand)
		}
	}
	return rows, nil
}

// Accounts returns the existing accounts by the kind and name of their issuer. Call it after
// Plan, which reads the issuers.
func (o *Operator) Accounts(ctx context.Context) map[string]Account {
	return o.thumbprints.readAll(ctx)
}

// Requested returns the requested certificates with their names, sorted by Secret. It reads no
// Secrets.
func (o *Operator) Requested(ctx context.Context, hooks Hooks) ([]Row, error) {
	entries, err := o.requested(ctx, hooks)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, e := range entries {
		if e.Demand != nil {
			rows = append(rows, Row{Namespace: e.Ref.Namespace, Secret: e.Ref.Name, Names: e.Demand.Names})
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Secret, b.Secret))
	})
	return rows, nil
}

func (o *Operator) requested(ctx context.Context, hooks Hooks) ([]issuance.Entry, error) {
	defer hooks.reading()()
	if err := o.readRequests(ctx); err != nil {
		return nil, err
	}
	for _, note := range o.snapshot.Notes() {
		hooks.note(note)
	}
	return o.snapshot.Entries(ctx)
}

// Renew marks the certificate in a Secret for renewal and clears the delay after failed orders. It
// returns false if there is neither a Secret nor a failed order.
func (o *Operator) Renew(ctx context.Context, ref issuance.Ref) (bool, error) {
	return issuance.RequestRenewal(ctx, o.secrets, ref, time.Now())
}
