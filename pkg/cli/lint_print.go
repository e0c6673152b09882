package cli

import (
	"io"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
)

func (in lintInput) print(env Env) error {
	list := in.report()
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

// report returns the findings with what a report shows about them.
func (in lintInput) report() []finding.Reported {
	list := make([]finding.Reported, len(in.found))
	for i, f := range in.found {
		rule, _ := lint.RuleOf(f.ID)
		list[i] = finding.Reported{
			Finding: finding.Finding{
				ID: f.ID, Severity: f.Severity, Position: finding.Position{Source: f.source, Line: f.line, Field: f.Field},
				Object: finding.Object(f.Object), Subject: f.Subject, Reason: f.Reason, Fix: f.Fix,
			},
			What: rule.What, Why: rule.Why, Scopes: f.in, File: f.file(),
		}
	}
	return list
}

// file is one in the folder that is worked on: of a kustomization its own, of a
// revision that of today.
func (f located) file() string {
	file := f.source
	if f.built {
		file = path.Join(f.first, "kustomization.yaml")
	}
	if rest, isGit := strings.CutPrefix(file, "git:"); isGit {
		_, file, _ = strings.Cut(rest, ":")
	}
	return file
}
