package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

type trustInspectFlags struct {
	trustFlags
	output, color string
	program       string // as it was called
}

func newTrustInspectCmd(env Env) *cobra.Command {
	var f trustInspectFlags
	cmd := &cobra.Command{
		Use:   "inspect SOURCE...",
		Short: "Show which CA certificates there are, and what is wrong with them",
		Long: "Show which CA certificates there are, and what is wrong with them and the files they\n" +
			"are in: each finding with a stable ID, where it is, and what to do about it.\n\n" +
			sourcesHelp + "\n\n" +
			"Exit codes: 0 no errors, 1 errors found (warnings and notes do not count), 2 failed.",
		Example: "  kubectl certs trust inspect roots.pem\n" +
			"  kubectl certs trust inspect corp/ secret.yaml store.p12 --target aks\n" +
			"  kubectl certs trust inspect registry.example.com:443 -o wide",
		Args: needsSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noNamespace(cmd); err != nil {
				return err
			}
			f.program = cmd.Root().DisplayName()
			in, err := f.input(args)
			if err != nil {
				return err
			}
			return trustInspectRun(cmd.Context(), env, in)
		},
	}
	f.add(cmd.Flags())
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "wide, json or yaml")
	cmd.Flags().StringVar(&f.color, "color", "auto", "auto, always or never")
	return cmd
}

func needsSource(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return withHint(errors.New("no source given"), cmd.CommandPath()+" roots.pem")
	}
	return nil
}

type trustInspectInput struct {
	trustInspectFlags
	settings trustSettings
	sources  []string
}

func (f trustInspectFlags) input(sources []string) (trustInspectInput, error) {
	in := trustInspectInput{trustInspectFlags: f, sources: sources}
	if err := oneOf("output", f.output, "", "wide", "json", "yaml"); err != nil {
		return in, err
	}
	if err := oneOf("color", f.color, "auto", "always", "never"); err != nil {
		return in, err
	}
	var err error
	in.settings, err = f.settings()
	return in, err
}

func trustInspectRun(ctx context.Context, env Env, in trustInspectInput) error {
	contents, err := readSources(ctx, env, in.sources, in.settings.passwords)
	if err != nil {
		return err
	}
	bundle := contents.Bundle()
	for _, c := range contents.Chains {
		bundle.Entries = append(bundle.Entries, c.Certs...)
	}
	findings := in.settings.judge(bundle)
	if err := in.print(env, bundle.Entries, findings); err != nil {
		return err
	}
	if in.output == "" || in.output == "wide" {
		env.say("%s: %s", count(len(bundle.Entries), "certificate"), finding.Summary(findings))
	}
	if finding.Worst(findings) == finding.Error {
		return errFound
	}
	return nil
}

func (in trustInspectInput) print(env Env, entries []cabundle.Entry, findings []finding.Finding) error {
	if in.output == "json" || in.output == "yaml" {
		return printView(env, newTrustView(in.settings.target, entries, findings), in.output)
	}
	if err := printCertificates(env.Out, entries, in.settings.now, in.output == "wide"); err != nil {
		return err
	}
	if len(entries) > 0 && len(findings) > 0 {
		fmt.Fprintln(env.Out)
	}
	printFindings(env.Out, reported(findings, in.settings.target, false),
		finding.TextOptions{Color: in.color == "always" || in.color == "auto" && env.Color, Program: in.program})
	return nil
}
