package bundle

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/trust/certificates"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// Run writes the certificates of the sources, and reports what was repaired or
// left out. The error is cmdutil.ErrFound, and nothing is written, if there are
// errors that cannot be repaired.
func Run(ctx context.Context, o *Options) error {
	bundle, err := o.read(ctx)
	if err != nil {
		return err
	}
	findings := o.Check.Findings(bundle)
	if blocking := cabundle.Blocking(findings); len(blocking) > 0 {
		o.report(cabundle.Report(findings, o.Check.Target))
		o.IO.Messagef("nothing written: %s", advice(blocking))
		return cmdutil.ErrFound
	}
	written := cabundle.ReportWritten(findings, o.Check.Target)
	kept := cabundle.Normalise(bundle.Entries)
	if len(kept) == 0 {
		o.report(written)
		return errors.New("no certificates left to write")
	}
	if err := o.write(kept, findings); err != nil {
		return err
	}
	o.report(written)
	o.IO.Messagef("%s for %s: %s", phrase.Count(len(kept), "certificate"), o.Check.Target, finding.Summary(findings))
	return nil
}

// advice says what the errors mean for the bundle. --allow does not help against
// the limit of AKS, which refuses the bundle in the end.
func advice(blocking []finding.Finding) string {
	for _, f := range blocking {
		if f.ID == "T201" {
			return f.Reason + " (T201); leave out those that nodes do not need"
		}
	}
	return phrase.Count(len(blocking), "error") + " cannot be repaired; " + override(blocking)
}

// override says how to write a bundle in spite of errors, and what it costs.
func override(blocking []finding.Finding) string {
	advice := "to write it anyway, add --allow " + strings.Join(finding.IDs(blocking), ",")
	lost := slices.DeleteFunc(slices.Clone(blocking), func(f finding.Finding) bool {
		rule, _ := cabundle.RuleOf(f.ID)
		return !rule.Lost
	})
	if len(lost) > 0 {
		advice += "; this leaves out the certificates of " + strings.Join(finding.IDs(lost), ",")
	}
	return advice
}

// report writes findings as messages.
func (o *Options) report(list []finding.Reported) {
	_, _ = io.WriteString(o.IO.Err, finding.Text(list, finding.TextOptions{Program: o.Program}))
}

// write writes the result to stdout, or to the file of --output-file.
func (o *Options) write(kept []cabundle.Entry, findings []finding.Finding) error {
	text := cabundle.Encode(kept, o.Check.Target)
	if !o.Output.Is(output.Text, output.PEM) {
		list := output.List{Kind: "CABundle", Items: certificates.Items(kept), Rest: map[string]any{
			"target": o.Check.Target, "bundle": string(text),
			"findings": finding.Views(cabundle.Report(findings, o.Check.Target)),
		}}
		var data bytes.Buffer
		if err := o.Output.Print(&data, list); err != nil {
			return err
		}
		text = data.Bytes()
	}
	if o.File.Name == "" {
		return o.File.Write(o.IO.Out, text)
	}
	return o.Process.WriteFiles(func() error { return o.File.Write(o.IO.Out, text) })
}
