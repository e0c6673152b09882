package cli

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

func newStatusCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	f := runFlags{dryRun: true, workers: 1, clusterNamespace: "cert-manager"}
	var check bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Tell how it stands with every certificate that is asked for",
		Long: "Tell of every certificate that the manifests ask for, in the cluster or with -f or -k there,\n" +
			"when it expires, when it is to be renewed, and what is wrong with it: missing, damaged, of\n" +
			"another issuer, due; tries of run that failed, and when the next is. No CA is asked.\n\n" +
			"Exit codes: 0 told, 1 with --check if not all are well, 2 failed.",
		Example: "  kubectl certs status --all-namespaces\n" +
			"  kubectl certs status -k overlays/prod --check",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("output", f.output, "table", "json"); err != nil {
				return err
			}
			if f.project.file != "" && f.kustomize != "" {
				return fmt.Errorf("-f and -k exclude each other: what is asked for comes from one of them")
			}
			o, err := newOperator(cmd.Context(), env, config, runInput{runFlags: f, part: shard{0, 1}})
			if err != nil {
				return err
			}
			return o.status(cmd.Context(), check)
		},
	}
	flags := cmd.Flags()
	f.project.addFile(flags, "", "the certificates of this certs.yaml, not those of the cluster's objects")
	flags.StringVarP(&f.project.environment, "environment", "e", "", "with -f: the environment")
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "the certificates of this kustomization, not those of the cluster's objects")
	flags.BoolVarP(&f.all, "all-namespaces", "A", false, "look at all namespaces, not only the one of the context")
	flags.StringVarP(&f.output, "output", "o", "table", "table or json")
	flags.BoolVar(&check, "check", false, "exit 1 if not all certificates are well")
	return cmd
}

// standingRow is one certificate as status tells it.
type standingRow struct {
	row
	Expires  time.Time `json:"expires,omitzero"`
	Renews   time.Time `json:"renews,omitzero"`
	Failures int       `json:"failures,omitempty"`
	Status   string    `json:"status"`
}

func (o *operator) status(ctx context.Context, check bool) error {
	entries, err := o.read(ctx)
	if err != nil {
		return err
	}
	r := o.runner(nil)
	r.Limits = nil
	r.CA = func(context.Context, run.Issuer) (run.CA, error) { return nil, run.ErrNoRenewalInfo }
	events, err := r.Plan(ctx, entries)
	if err != nil {
		return err
	}
	rows, bad := make([]standingRow, 0, len(events)), 0
	for _, e := range events {
		s := standingRow{row: o.row(e), Expires: e.Entry.Have.NotAfter, Failures: e.Entry.Journal.Failures, Status: "ok"}
		if e.Kind == run.Fine {
			s.Renews = e.At
		} else {
			s.Status = cmp.Or(e.Decision.Held, s.because())
			bad++
		}
		rows = append(rows, s)
	}
	if o.in.output == "json" {
		err = printJSON(o.env, rows)
	} else {
		o.printStatus(rows, bad)
	}
	if err == nil && check && bad > 0 {
		return errFound
	}
	return err
}

func (o *operator) printStatus(rows []standingRow, bad int) {
	w := tabwriter.NewWriter(o.env.Out, 0, 0, 3, ' ', 0)
	if len(rows) > 0 {
		fmt.Fprintln(w, "NAMESPACE\tSECRET\tNAMES\tISSUER\tEXPIRES\tRENEWS\tUSED BY\tSTATUS")
	}
	now := time.Now()
	for _, r := range rows {
		fmt.Fprintln(w, cells(r.Namespace, r.Secret, shortNames(r.Names), r.issuer(),
			until(r.Expires, now, "expired "), until(r.Renews, now, "overdue "), r.AskedBy, r.Status))
	}
	w.Flush()
	o.env.say("%s: %d ok, %d need attention", count(len(rows), "certificate"), len(rows)-bad, bad)
}

// until is how long it is to a time, as kubectl prints ages; "-" for none.
func until(at, now time.Time, past string) string {
	switch {
	case at.IsZero():
		return "-"
	case at.Before(now):
		return past + age(now.Sub(at))
	}
	return age(at.Sub(now))
}
