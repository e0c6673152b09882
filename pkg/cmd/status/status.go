package status

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/requests"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// Run prints the state of the requested certificates.
func Run(ctx context.Context, o *Options) error {
	op, err := o.Operator(ctx)
	if err != nil {
		return err
	}
	rows, err := op.Status(ctx, requests.ReadingHooks(o.IO))
	if err != nil {
		return err
	}
	return o.print(rows)
}

// print prints the rows. With --check it returns ErrFound if a certificate needs
// attention.
func (o *Options) print(rows []operator.StatusRow) error {
	bad := 0
	for _, r := range rows {
		if !r.OK() {
			bad++
		}
	}
	if o.Output.IsText() {
		problemsFirst(rows)
	}
	if err := output.SortRows(o.Output, rows); err != nil {
		return err
	}
	if err := o.printRows(rows, bad); err != nil {
		return err
	}
	if o.Check && bad > 0 {
		return cmdutil.ErrFound
	}
	return nil
}

func (o *Options) printRows(rows []operator.StatusRow, bad int) error {
	if !o.Output.IsText() {
		return o.Output.Print(o.IO.Out, list(rows))
	}
	if err := o.printTable(rows); err != nil {
		return err
	}
	if len(rows) == 0 {
		o.IO.Messagef("No certificates requested%s.", o.where())
		return nil
	}
	o.printCauses(rows)
	verb := "need"
	if bad == 1 {
		verb = "needs"
	}
	o.IO.Messagef("%s: %d ok, %d %s attention", phrase.Count(len(rows), "certificate"), len(rows)-bad, bad, verb)
	return nil
}

// where says where certificates are requested.
func (o *Options) where() string {
	if o.Requests.AllNamespaces || o.Requests.Project.Named() || o.Requests.Target.Kustomize != "" {
		return ""
	}
	namespace, err := o.Namespace()
	if err != nil {
		return ""
	}
	return " in namespace " + namespace
}

// problemsFirst puts the certificates that need attention before the others.
func problemsFirst(rows []operator.StatusRow) {
	slices.SortStableFunc(rows, func(a, b operator.StatusRow) int {
		switch {
		case a.OK() == b.OK():
			return 0
		case b.OK():
			return -1
		}
		return 1
	})
}

// longCause is how long a cause may be in a table; a longer one is printed below.
const longCause = 40

// cause is what the table says of the state of a certificate.
func cause(r operator.StatusRow, wide bool) string {
	if wide {
		return r.Status
	}
	return iostreams.Cut(r.Status, longCause)
}

// printCauses prints the causes that are too long for the table, and the command
// that tries again.
func (o *Options) printCauses(rows []operator.StatusRow) {
	for _, r := range rows {
		if cause(r, o.Output.Is(output.Wide)) == r.Status {
			continue
		}
		o.IO.Messagef("%s/%s: %s", r.Namespace, r.Secret, r.Status)
		if r.Failures > 0 {
			o.IO.Messagef("  to try again now: %s renew %s -n %s", o.Program, r.Secret, r.Namespace)
		}
	}
}

// list is the result for programs.
func list(rows []operator.StatusRow) output.List {
	l := output.List{Kind: "CertificateStatusList"}
	for _, r := range rows {
		l.Items, l.Names = append(l.Items, r), append(l.Names, r.ObjectName())
	}
	return l
}

// printTable prints a table, which has all names and the failed orders if it is
// wide.
func (o *Options) printTable(rows []operator.StatusRow) error {
	now, wide := time.Now(), o.Output.Is(output.Wide)
	table := o.IO.NewTable(wide)
	header := []string{"NAMESPACE", "SECRET", "NAMES", "ISSUER", "EXPIRES", "RENEWS", "REQUESTED-BY", "STATUS"}
	if wide {
		header = append(header, "FAILURES")
	}
	if len(rows) > 0 && !o.Output.NoHeaders() {
		table.Row(header...)
	}
	for _, r := range rows {
		cells := []string{
			r.Namespace, r.Secret, r.ShortNames(), r.ShortIssuer(),
			phrase.Until(r.Expires, now, "expired "), phrase.Until(r.Renews, now, "overdue "), r.RequestedBy, cause(r, wide),
		}
		if wide {
			cells[2] = strings.Join(r.Names, ",")
			cells = append(cells, strconv.Itoa(r.Failures))
		}
		table.Row(cells...)
	}
	return table.Flush()
}
