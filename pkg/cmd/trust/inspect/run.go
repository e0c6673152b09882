package inspect

import (
	"context"
	"fmt"
	"io"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// Run prints the certificates of the sources and the findings about them. The
// error is cmdutil.ErrFound if there are errors among these.
func Run(ctx context.Context, o *Options) error {
	contents, err := o.Flags.Read(ctx, o.IO, o.Limits, o.Sources)
	if err != nil {
		return err
	}
	bundle := contents.Bundle()
	for _, c := range contents.Chains {
		bundle.Entries = append(bundle.Entries, c.Certs...)
	}
	findings := o.Check.Findings(bundle)
	if err := o.print(bundle.Entries, findings); err != nil {
		return err
	}
	if o.Output.IsText() {
		o.IO.Messagef("%s: %s", phrase.Count(len(bundle.Entries), "certificate"), finding.Summary(findings))
	}
	if finding.Worst(findings) == finding.Error {
		return cmdutil.ErrFound
	}
	return nil
}

func (o *Options) print(entries []cabundle.Entry, findings []finding.Finding) error {
	list := cabundle.Report(findings, o.Check.Target)
	switch {
	case o.Output.IsText():
		return o.printText(entries, list)
	case o.Output.Is(output.GitHub, output.SARIF):
		return o.Output.PrintFindings(o.IO.Out, list, o.Version)
	}
	return o.Output.Print(o.IO.Out, output.List{
		Kind: "CACertificateList", Items: certificates.Items(entries),
		Rest: map[string]any{"target": o.Check.Target, "findings": finding.Views(list)},
	})
}

// printText prints a table of the certificates, and the findings below.
func (o *Options) printText(entries []cabundle.Entry, list []finding.Reported) error {
	if err := certificates.PrintTable(o.IO, entries, o.Check.Now, o.Output.Is(output.Wide)); err != nil {
		return err
	}
	if len(entries) > 0 && len(list) > 0 {
		fmt.Fprintln(o.IO.Out)
	}
	text := finding.TextOptions{Color: o.IO.WithColor(o.Color.Mode).Color, Program: o.Program}
	_, err := io.WriteString(o.IO.Out, finding.Text(list, text))
	return err
}
