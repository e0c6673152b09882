package status

import (
	"context"
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
	op, err := o.Operator()
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
	o.IO.Messagef("%s: %d ok, %d need attention", phrase.Count(len(rows), "certificate"), len(rows)-bad, bad)
	return nil
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
	table, now, wide := iostreams.NewTable(o.IO.Out), time.Now(), o.Output.Is(output.Wide)
	header := []string{"NAMESPACE", "SECRET", "NAMES", "ISSUER", "EXPIRES", "RENEWS", "USED-BY", "STATUS"}
	if wide {
		header = append(header, "FAILURES")
	}
	if len(rows) > 0 {
		table.Row(header...)
	}
	for _, r := range rows {
		cells := []string{
			r.Namespace, r.Secret, r.ShortNames(), r.ShortIssuer(),
			phrase.Until(r.Expires, now, "expired "), phrase.Until(r.Renews, now, "overdue "), r.AskedBy, r.Status,
		}
		if wide {
			cells[2] = strings.Join(r.Names, ",")
			cells = append(cells, strconv.Itoa(r.Failures))
		}
		table.Row(cells...)
	}
	return table.Flush()
}
