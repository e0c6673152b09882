package cli

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
)

func newStatusCmd(env Env, config *genericclioptions.ConfigFlags) *cobra.Command {
	f := runFlags{options: operator.DefaultOptions()}
	f.options.DryRun = true
	f.options.HTTP01 = operator.HTTP01Solver // status does not report routes that are missing
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
			op, err := newOperator(env, config, f)
			if err != nil {
				return err
			}
			rows, err := op.Status(cmd.Context(), readingHooks(env))
			if err != nil {
				return err
			}
			return printStatus(env, rows, f.output, check)
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

// printStatus prints the rows; with check it returns errFound if any needs
// attention.
func printStatus(env Env, rows []operator.StatusRow, output string, check bool) error {
	bad := 0
	for _, r := range rows {
		if !r.OK() {
			bad++
		}
	}
	if output == "json" {
		if err := printJSON(env, rows); err != nil {
			return err
		}
	} else {
		printStatusTable(env, rows, bad)
	}
	if check && bad > 0 {
		return errFound
	}
	return nil
}

func printStatusTable(env Env, rows []operator.StatusRow, bad int) {
	w := tabwriter.NewWriter(env.Out, 0, 0, 3, ' ', 0)
	if len(rows) > 0 {
		fmt.Fprintln(w, "NAMESPACE\tSECRET\tNAMES\tISSUER\tEXPIRES\tRENEWS\tUSED BY\tSTATUS")
	}
	now := time.Now()
	for _, r := range rows {
		fmt.Fprintln(w, cells(r.Namespace, r.Secret, shortNames(r.Names), shortIssuer(r.Row),
			until(r.Expires, now, "expired "), until(r.Renews, now, "overdue "), r.AskedBy, r.Status))
	}
	w.Flush()
	env.say("%s: %d ok, %d need attention", count(len(rows), "certificate"), len(rows)-bad, bad)
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
