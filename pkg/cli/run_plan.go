package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// manyRows is how many rows of a table still help; more are counted.
const manyRows = 60

// row is what a run would do about one Secret.
type row struct {
	Namespace string    `json:"namespace"`
	Secret    string    `json:"secret"`
	Names     []string  `json:"names"`
	Issuer    string    `json:"issuer"`
	AskedBy   string    `json:"askedBy"`
	Action    run.Kind  `json:"action"` // planned, held or ok
	Why       string    `json:"why,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	Proof     []string  `json:"proof,omitempty"`
	Cost      string    `json:"cost,omitempty"`
	At        time.Time `json:"at,omitzero"`
}

func (o *operator) row(e run.Event) row {
	d := e.Entry.Demand
	r := row{
		Namespace: d.Ref.Namespace, Secret: d.Ref.Name, Names: d.Names, Issuer: d.Issuer.Key().String(),
		AskedBy: d.By.Kind + "/" + d.By.Name, Action: e.Kind, Cost: e.Cost.Text, At: e.At,
		Why: string(e.Decision.Why), Detail: cmp.Or(e.Decision.Held, e.Decision.Detail),
	}
	if d.Problem == "" && e.Kind == run.Planned {
		r.Proof = o.proof(d)
	}
	return r
}

// proof says in which ways the names of a demand would be proved, if the CA
// offers what CAs offer.
func (o *operator) proof(d *run.Demand) []string {
	var ways []string
	for _, name := range d.Names {
		said := "no solver fits " + name
		if w, err := o.solvers.expected(d, name); err == nil {
			said = w.String()
		}
		if !slices.Contains(ways, said) {
			ways = append(ways, said)
		}
	}
	return ways
}

// plan tells what a run would do.
func (o *operator) plan(ctx context.Context) error {
	entries, err := o.read(ctx)
	if err != nil {
		return err
	}
	events, err := o.runner(nil).Plan(ctx, entries)
	if err != nil {
		return err
	}
	rows := make([]row, 0, len(events))
	for _, e := range events {
		rows = append(rows, o.row(e))
	}
	if o.in.output == "json" {
		return printJSON(o.env, struct {
			Certificates []row            `json:"certificates"`
			Accounts     map[string]known `json:"accounts,omitempty"`
		}{rows, o.accounts.learn(ctx)})
	}
	o.printRows(rows, manyRows*10)
	accounts := o.accounts.learn(ctx)
	for _, issuer := range slices.Sorted(maps.Keys(accounts)) {
		o.env.say("account of %s: %s, thumbprint %s", issuer, cmp.Or(accounts[issuer].URL, "not registered by run"), accounts[issuer].Thumbprint)
	}
	return nil
}

// printRows prints what is to be issued, then says what is held back, and
// counts what is fine.
func (o *operator) printRows(rows []row, most int) {
	w := tabwriter.NewWriter(o.env.Out, 0, 0, 3, ' ', 0)
	counts := map[run.Kind]int{}
	for _, r := range rows {
		counts[r.Action]++
		if r.Action != run.Planned || counts[r.Action] > most {
			continue
		}
		if counts[r.Action] == 1 {
			fmt.Fprintln(w, "NAMESPACE\tSECRET\tNAMES\tISSUER\tWHY\tPROOF\tCOST")
		}
		fmt.Fprintln(w, cells(r.Namespace, r.Secret, shortNames(r.Names), r.issuer(), r.because(), strings.Join(r.Proof, ", "), r.Cost))
	}
	w.Flush()
	if more := counts[run.Planned] - most; more > 0 {
		fmt.Fprintf(o.env.Out, "and %d more\n", more)
	}
	for _, r := range rows {
		if r.Action == run.Held {
			o.env.say("held: %s/%s (%s): %s", r.Namespace, r.Secret, r.AskedBy, r.Detail)
		}
	}
	o.env.say("%s: %d to issue, %d held back, %d fine", count(len(rows), "certificate"), counts[run.Planned], counts[run.Held], counts[run.Fine])
}

func (r row) issuer() string { return strings.TrimPrefix(r.Issuer, "ClusterIssuer ") }

func (r row) because() string {
	if r.Detail == "" {
		return r.Why
	}
	return r.Why + " " + r.Detail
}

// shortNames is the first name and how many more there are.
func shortNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	if len(names) == 1 {
		return names[0]
	}
	return fmt.Sprintf("%s +%d", names[0], len(names)-1)
}
