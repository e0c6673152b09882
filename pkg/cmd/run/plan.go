package run

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// manyRows is how many rows of a table are printed; the others are counted.
const manyRows = 60

// runDry shows what a run would do.
func (o *Options) runDry(ctx context.Context, op *operator.Operator) error {
	rows, err := op.Plan(ctx, requests.ReadingHooks(o.IO))
	if err != nil {
		return err
	}
	if err := output.SortRows(o.Output, rows); err != nil {
		return err
	}
	if !o.Output.IsText() {
		return o.Output.Print(o.IO.Out, planList(rows, op.Accounts(ctx)))
	}
	if err := printPlan(o.IO, rows, planFormat{manyRows * 10, o.Output.Is(output.Wide), o.Output.NoHeaders()}); err != nil {
		return err
	}
	accounts := op.Accounts(ctx)
	for _, issuer := range slices.Sorted(maps.Keys(accounts)) {
		o.IO.Messagef("account of %s: %s, thumbprint %s", issuer, cmp.Or(accounts[issuer].URL, "not registered yet"), accounts[issuer].Thumbprint)
	}
	return nil
}

// planList is the plan for programs.
func planList(rows []operator.Row, accounts map[string]operator.Account) output.List {
	l := output.List{Kind: "CertificatePlanList"}
	for _, r := range rows {
		l.Items, l.Names = append(l.Items, r), append(l.Names, r.ObjectName())
	}
	if len(accounts) > 0 {
		l.Rest = map[string]any{"accounts": accounts}
	}
	return l
}

// planFormat is how a plan is printed: with at most so many rows, and wide with
// all names and with the objects that request the certificates.
type planFormat struct {
	most      int
	wide      bool
	noHeaders bool
}

// printPlan prints what is to be issued, then reports what is deferred, and
// counts what is up to date.
func printPlan(io iostreams.IO, rows []operator.Row, format planFormat) error {
	table, counts := io.NewTable(), map[issuance.Kind]int{}
	for _, r := range rows {
		counts[r.Action]++
		if r.Action != issuance.Planned || counts[r.Action] > format.most {
			continue
		}
		if counts[r.Action] == 1 && !format.noHeaders {
			table.Row(format.header()...)
		}
		table.Row(format.cells(r)...)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if more := counts[issuance.Planned] - format.most; more > 0 {
		fmt.Fprintf(io.Out, "and %d more\n", more)
	}
	for _, r := range rows {
		if r.Action == issuance.Deferred {
			io.Messagef("deferred: %s/%s (%s): %s", r.Namespace, r.Secret, r.RequestedBy, r.Detail)
		}
	}
	io.Messagef("%s: %d to issue, %d deferred, %d up to date", phrase.Count(len(rows), "certificate"), counts[issuance.Planned], counts[issuance.Deferred], counts[issuance.UpToDate])
	return nil
}

func (f planFormat) header() []string {
	header := []string{"NAMESPACE", "SECRET", "NAMES", "ISSUER", "WHY", "CHALLENGE", "COST"}
	if f.wide {
		header = append(header, "REQUESTED-BY")
	}
	return header
}

func (f planFormat) cells(r operator.Row) []string {
	cells := []string{r.Namespace, r.Secret, r.ShortNames(), r.ShortIssuer(), r.Reason(), strings.Join(r.Challenges, ", "), r.Cost}
	if f.wide {
		cells[2] = strings.Join(r.Names, ",")
		cells = append(cells, r.RequestedBy)
	}
	return cells
}
