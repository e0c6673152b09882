package lint

import (
	"io"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/output"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
)

func (o *Options) print(found []lint.Merged) error {
	list := make([]finding.Reported, len(found))
	for i, f := range found {
		list[i] = f.Report()
	}
	text := finding.TextOptions{Color: o.IO.WithColor(o.Color.Mode).Color, Program: o.Program}
	var err error
	switch o.Output.Format() {
	case output.Text:
		_, err = io.WriteString(o.IO.Out, finding.Text(list, text))
	case output.Wide:
		_, err = io.WriteString(o.IO.Out, finding.Wide(list, text))
	case output.GitHub, output.SARIF:
		err = o.Output.PrintFindings(o.IO.Out, list, o.Version)
	default:
		err = o.Output.Print(o.IO.Out, output.List{Kind: "FindingList", Items: output.FindingItems(list)})
	}
	return err
}

// checked returns how much was checked.
func checked(r project.LintResult) string {
	objects := phrase.Count(r.Objects, "object")
	if len(r.Roots) == 0 {
		return objects
	}
	return objects + ", " + phrase.Count(len(r.Roots), "CA certificate")
}

func summary(found []lint.Merged) string {
	findings := make([]finding.Finding, len(found))
	for i, f := range found {
		findings[i] = f.Finding.Finding
	}
	return finding.Summary(findings)
}
