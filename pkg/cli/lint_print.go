package cli

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// place is where a finding is, as compilers print it.
func (f located) place() string { return finding.Position{Source: f.source, Line: f.line}.String() }

func (in lintInput) print(env Env) error {
	switch in.output {
	case "json", "yaml":
		return printView(env, newLintView(in.found), in.output)
	case "github":
		var text strings.Builder
		for _, f := range in.found {
			text.WriteString(f.github() + "\n")
		}
		_, err := io.WriteString(env.Out, text.String())
		return err
	}
	var text strings.Builder
	list := make([]telling, len(in.found))
	for i, f := range in.found {
		rule, _ := lint.RuleOf(f.ID)
		list[i] = telling{id: f.ID, severity: f.Severity, what: rule.What, line: f.place() + ": " + f.String() + f.where(), fix: f.Fix}
	}
	p := findingsPrinter{w: &text, color: in.color == "always" || in.color == "auto" && env.Color, program: in.program}
	p.print(list)
	if in.output == "wide" {
		in.reasons(&text)
	}
	_, err := io.WriteString(env.Out, text.String())
	return err
}

// reasons writes why each kind of finding matters.
func (in lintInput) reasons(w io.Writer) {
	ids := map[string]bool{}
	for _, f := range in.found {
		ids[f.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		rule, _ := lint.RuleOf(id)
		fmt.Fprintf(w, "why %s: %s\n", id, rule.Why)
	}
}

// where says in which environments a finding is, if not in all.
func (f located) where() string {
	if len(f.in) == 0 {
		return ""
	}
	return " (" + strings.Join(f.in, ", ") + ")"
}

// github writes a finding as a workflow command of GitHub Actions, which shows
// it beside the line in a pull request.
func (f located) github() string {
	level := map[finding.Severity]string{finding.Error: "error", finding.Warning: "warning", finding.Note: "notice"}[f.Severity]
	text := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	where := "file=" + property.Replace(printable.Line(f.file()))
	if f.line > 0 {
		where += fmt.Sprintf(",line=%d", f.line)
	}
	message := f.Object.String()
	if f.Field != "" {
		message += " " + f.Field
	}
	if f.Subject != "" {
		message += ": " + f.Subject
	}
	return fmt.Sprintf("::%s %s,title=%s::%s", level, where, f.ID, text.Replace(printable.Line(message+": "+f.Reason+f.where()+"; "+f.Fix)))
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

// lintView is what lint prints as JSON or YAML.
type lintView struct {
	Findings []lintFindingView `json:"findings"`
}

type lintFindingView struct {
	ID       string           `json:"id"`
	Severity finding.Severity `json:"severity"`
	placeView
	Object       objectView `json:"object"`
	Subject      string     `json:"subject,omitempty"`
	Environments []string   `json:"environments,omitempty"` // or overlays; none for all
	Reason       string     `json:"reason"`
	Why          string     `json:"why"`
	Fix          string     `json:"fix"`
}

type objectView struct {
	Group     string `json:"group,omitempty"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

func newLintView(findings []located) lintView {
	v := lintView{Findings: []lintFindingView{}}
	for _, f := range findings {
		rule, _ := lint.RuleOf(f.ID)
		v.Findings = append(v.Findings, lintFindingView{
			ID: f.ID, Severity: f.Severity, placeView: placeView{Source: f.source, Line: f.line, Field: f.Field},
			Object: objectView(f.Object), Subject: f.Subject, Environments: f.in,
			Reason: f.Reason, Why: rule.Why, Fix: f.Fix,
		})
	}
	return v
}
