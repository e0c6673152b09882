package run

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
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
	blockers, err := op.Blockers(ctx)
	if err != nil {
		return err
	}
	accounts := op.Accounts(ctx)
	if !o.Output.IsText() {
		if err := o.Output.Print(o.IO.Out, planList(rows, accounts, blockers)); err != nil {
			return err
		}
		return o.reportBlockers(blockers)
	}
	if err := printPlan(o.IO, rows, planFormat{manyRows * 10, o.Output.Is(output.Wide), o.Output.NoHeaders()}); err != nil {
		return err
	}
	for _, issuer := range slices.Sorted(maps.Keys(accounts)) {
		o.IO.Messagef("account of %s: %s, thumbprint %s", issuer, cmp.Or(accounts[issuer].URL, "not registered yet"), accounts[issuer].Thumbprint)
	}
	for _, issuer := range unregistered(rows, accounts) {
		o.IO.Messagef("note: %s has no account key yet, so no thumbprint for a responder; run --register opens the account", issuer)
	}
	if o.Settings.Listen != "" && !slices.ContainsFunc(rows, isStatic) {
		o.IO.Messagef("note: --listen %s is not used now: no planned certificate is validated by http-01 static", o.Settings.Listen)
	}
	return o.reportBlockers(blockers)
}

func isStatic(r operator.Row) bool { return slices.Contains(r.Challenges, "http-01 static") }

// unregistered returns the issuers of certificates that a responder validates and that have no account
// key, sorted.
func unregistered(rows []operator.Row, accounts map[string]operator.Account) []string {
	found := map[string]bool{}
	for _, r := range rows {
		if _, known := accounts[r.Issuer]; !known && isStatic(r) {
			found[r.Issuer] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// reportBlockers reports what would make the run fail.
func (o *Options) reportBlockers(blockers []operator.Blocker) error {
	for i, b := range blockers {
		o.IO.Messagef("error: %s", b.Problem)
		if i == len(blockers)-1 || blockers[i+1].Fix != b.Fix {
			o.IO.Messagef("hint: %s", b.Fix)
		}
	}
	if len(blockers) > 0 {
		return cmdutil.ErrFound
	}
	return nil
}

// planList is the plan for programs.
func planList(rows []operator.Row, accounts map[string]operator.Account, blockers []operator.Blocker) output.List {
	l := output.List{Kind: "CertificatePlanList"}
	for _, r := range rows {
		l.Items, l.Names = append(l.Items, r), append(l.Names, r.ObjectName())
	}
	l.Rest = map[string]any{}
	if len(accounts) > 0 {
		l.Rest["accounts"] = accounts
	}
	if len(blockers) > 0 {
		l.Rest["blockers"] = blockers
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
	table, counts := io.NewTable(format.wide), map[issuance.Kind]int{}
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
