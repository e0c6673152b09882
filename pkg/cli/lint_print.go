package cli

import (
	"io"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
)

func (in lintInput) print(env Env, found []lint.Merged) error {
	list := make([]finding.Reported, len(found))
	for i, f := range found {
		list[i] = f.Report()
	}
	if in.output == "json" || in.output == "yaml" {
		return printView(env, lintView{finding.Views(list)}, in.output)
	}
	var text string
	o := finding.TextOptions{Color: in.color == "always" || in.color == "auto" && env.Color, Program: in.program}
	switch in.output {
	case "github":
		text = finding.GitHub(list)
	case "wide":
		text = finding.Wide(list, o)
	default:
		text = finding.Text(list, o)
	}
	_, err := io.WriteString(env.Out, text)
	return err
}

// lintView is what lint prints as JSON or YAML.
type lintView struct {
	Findings []finding.View `json:"findings"`
}

// judged returns how much was judged.
func (c *lintResult) judged() string {
	if len(c.roots) == 0 {
		return count(c.objects, "object")
	}
	return count(c.objects, "object") + ", " + count(len(c.roots), "CA certificate")
}

func (c *lintResult) summary() string {
	findings := make([]finding.Finding, len(c.found))
	for i, f := range c.found {
		findings[i] = f.Finding.Finding
	}
	return finding.Summary(findings)
}
