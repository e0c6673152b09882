package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

// manyRows is how many rows of a table are printed; the others are counted.
const manyRows = 60

// runDry shows what a run would do.
func runDry(ctx context.Context, env Env, op *operator.Operator, output string) error {
	rows, err := op.Plan(ctx, readingHooks(env))
	if err != nil {
		return err
	}
	if output == "json" {
		return printJSON(env, struct {
			Certificates []operator.Row              `json:"certificates"`
			Accounts     map[string]operator.Account `json:"accounts,omitempty"`
		}{rows, op.Accounts(ctx)})
	}
	printPlan(env, rows, manyRows*10)
	accounts := op.Accounts(ctx)
	for _, issuer := range slices.Sorted(maps.Keys(accounts)) {
		env.say("account of %s: %s, thumbprint %s", issuer, cmp.Or(accounts[issuer].URL, "not registered by run"), accounts[issuer].Thumbprint)
	}
	return nil
}

// printPlan prints what is to be issued, then reports what is held back, and
// counts what is fine.
func printPlan(env Env, rows []operator.Row, most int) {
	w := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	counts := map[issuance.Kind]int{}
	for _, r := range rows {
		counts[r.Action]++
		if r.Action != issuance.Planned || counts[r.Action] > most {
			continue
		}
		if counts[r.Action] == 1 {
			fmt.Fprintln(w, "NAMESPACE\tSECRET\tNAMES\tISSUER\tWHY\tPROOF\tCOST")
		}
		fmt.Fprintln(w, cells(r.Namespace, r.Secret, shortNames(r.Names), shortIssuer(r), r.Reason(), strings.Join(r.Proof, ", "), r.Cost))
	}
	w.Flush()
	if more := counts[issuance.Planned] - most; more > 0 {
		fmt.Fprintf(env.Out, "and %d more\n", more)
	}
	for _, r := range rows {
		if r.Action == issuance.Held {
			env.say("held: %s/%s (%s): %s", r.Namespace, r.Secret, r.AskedBy, r.Detail)
		}
	}
	env.say("%s: %d to issue, %d held back, %d fine", count(len(rows), "certificate"), counts[issuance.Planned], counts[issuance.Held], counts[issuance.Fine])
}

// shortIssuer is the issuer without the kind ClusterIssuer.
func shortIssuer(r operator.Row) string { return strings.TrimPrefix(r.Issuer, "ClusterIssuer ") }

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
