package operator

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Row is what a run would do about one Secret.
type Row struct {
	Namespace string        `json:"namespace"`
	Secret    string        `json:"secret"`
	Names     []string      `json:"names"`
	Issuer    string        `json:"issuer"` // kind and name
	AskedBy   string        `json:"askedBy"`
	Action    issuance.Kind `json:"action"` // planned, held or ok
	Why       string        `json:"why,omitempty"`
	Detail    string        `json:"detail,omitempty"`
	Proof     []string      `json:"proof,omitempty"` // each method once
	Cost      string        `json:"cost,omitempty"`
	At        time.Time     `json:"at,omitzero"`
}

// Reason is why something is done, in one line; "" if nothing is.
func (r Row) Reason() string {
	if r.Detail == "" {
		return r.Why
	}
	return r.Why + " " + r.Detail
}

// ShortIssuer is the issuer without the kind ClusterIssuer, which is the usual
// one.
func (r Row) ShortIssuer() string { return strings.TrimPrefix(r.Issuer, "ClusterIssuer ") }

// ShortNames is the first name, and how many more there are: a.example.com +2.
func (r Row) ShortNames() string {
	switch len(r.Names) {
	case 0:
		return ""
	case 1:
		return r.Names[0]
	}
	return fmt.Sprintf("%s +%d", r.Names[0], len(r.Names)-1)
}

// ObjectName is the Secret as kubectl accepts it, such as secret/web-tls.
func (r Row) ObjectName() string { return "secret/" + r.Secret }

// Row describes an event about a requested certificate.
func (o *Operator) Row(e issuance.Event) Row {
	d := e.Entry.Demand
	r := Row{
		Namespace: d.Ref.Namespace, Secret: d.Ref.Name, Names: d.Names, Issuer: d.Issuer.Key().String(),
		AskedBy: d.By.Kind + "/" + d.By.Name, Action: e.Kind, Cost: e.Cost.Text, At: e.At,
		Why: string(e.Decision.Why), Detail: cmp.Or(e.Decision.Held, e.Decision.Detail),
	}
	if d.Problem == "" && e.Kind == issuance.Planned {
		r.Proof = o.methods.proofs(d)
	}
	return r
}

// Plan returns what Once would do, sorted by Secret. It asks CAs for renewal
// information only; set Options.DryRun, so that no account is registered.
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
	}
	return rows, nil
}

// Accounts returns the accounts that exist, by the kind and name of their
// issuer. It knows the issuers after Plan.
func (o *Operator) Accounts(ctx context.Context) map[string]Account {
	return o.thumbprints.readAll(ctx)
}

// StatusRow is the state of one requested certificate.
type StatusRow struct {
	Row
	Expires  time.Time `json:"expires,omitzero"`
	Renews   time.Time `json:"renews,omitzero"`
	Failures int       `json:"failures,omitempty"`
	Status   string    `json:"status"` // ok, or what is wrong
}

// OK reports whether nothing is to be done about the certificate.
func (r StatusRow) OK() bool { return r.Action == issuance.Fine }

// Status returns the state of every requested certificate, sorted by Secret. It
// sends no request to any CA.
func (o *Operator) Status(ctx context.Context, hooks Hooks) ([]StatusRow, error) {
	entries, err := o.read(ctx, hooks)
	if err != nil {
		return nil, err
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
		rows = append(rows, newStatusRow(o.Row(e), e))
	}
	return rows, nil
}

func newStatusRow(row Row, e issuance.Event) StatusRow {
	s := StatusRow{Row: row, Expires: e.Entry.Have.NotAfter, Failures: e.Entry.Journal.Failures, Status: "ok"}
	if e.Kind == issuance.Fine {
		s.Renews = e.At
	} else {
		s.Status = cmp.Or(e.Decision.Held, s.Reason())
	}
	return s
}

// Renew requests that the certificate in a Secret of the context's namespace be
// renewed now, and ends the wait after failed orders. It is an error if there is
// neither.
func (o *Operator) Renew(ctx context.Context, secret string) error {
	ref := issuance.Ref{Namespace: o.namespace, Name: secret}
	requested, err := o.secrets.RequestRenewal(ctx, ref, time.Now())
	if err == nil && !requested {
		return fmt.Errorf("there is no TLS Secret %s, and no try for it that failed", ref)
	}
	return err
}
