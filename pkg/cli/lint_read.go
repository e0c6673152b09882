package cli

import (
	"context"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/project"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// linter reads what is to be judged, and judges it.
type linter struct {
	ctx     context.Context
	env     Env
	now     time.Time
	found   []located
	failed  []error         // what could not be judged, though the rest was
	objects int             // that were judged
	roots   map[string]bool // the certificates that a certs.yaml names, by content
}

// certs judges a certs.yaml in each of its environments.
func (l *linter) certs(project projectFlags) error {
	doc, err := project.parse(l.env)
	if err != nil {
		return err
	}
	return l.document(doc, project.file, project.environment)
}

// document judges a certs.yaml that is in a folder, in one environment or all,
// "" for these. What it names and cannot be read keeps nobody from being told of
// the rest.
func (l *linter) document(doc spec.Document, file, environment string) error {
	options := projectFlags{file: file, environment: environment}.options(l.env)
	options.Now = l.now
	checker := project.NewChecker(options, doc)
	environments, err := checker.Environments()
	if err != nil {
		return err
	}
	all := merger{environments: true}
	for _, e := range environments {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		l.environment(&all, doc, e, checker.Check(l.ctx, e))
	}
	if len(doc.Environments) > 0 {
		l.base(&all, doc, checker.Base(l.ctx))
	}
	if err := checker.Err(); err != nil {
		l.failed = append(l.failed, err)
	}
	l.found, l.objects = append(l.found, all.done()...), l.objects+len(all.objects)
	return nil
}

// asItStands is a certs.yaml without what any environment changes.
const asItStands = "as it stands"

// base takes in for which CA certificates generate refuses a file with
// environments as it stands.
func (l *linter) base(m *merger, doc spec.Document, findings []project.CAFinding) {
	m.side(asItStands)
	for _, f := range findings {
		m.add(caFinding(doc, f))
	}
	m.names = m.names[:len(m.names)-1]
}

// environment judges what generate would write for one environment. Of the CA
// certificates in it the files that they come from tell, and with lines.
func (l *linter) environment(m *merger, doc spec.Document, e spec.Environment, check project.EnvironmentCheck) {
	l.note(check.Roots)
	objects, anchors := make([]manifest.Object, len(check.Objects)), map[manifest.ID]bool{}
	for i, b := range check.Objects {
		objects[i] = b.Object
		if strings.HasPrefix(b.Part, "trust/") {
			anchors[b.ID()] = true
		}
	}
	m.side(e.Name)
	m.count(objects)
	lines := entryLines(doc, e.Certs)
	for _, f := range lint.Judge(objects, nil, l.now) {
		if _, ofTrust := trust.RuleOf(f.ID); !ofTrust || !anchors[f.Object] {
			m.add(located{Finding: f, source: doc.Name(), line: lines[entry(f.Object)]})
		}
	}
	for _, f := range check.Findings {
		m.add(caFinding(doc, f))
	}
}

// caFinding is a finding about CA certificates as lint tells it. What generate
// repairs as it writes is good to know, and no more.
func caFinding(doc spec.Document, c project.CAFinding) located {
	f := lint.Finding{
		ID: c.Finding.ID, Severity: c.Finding.Severity, Object: manifest.ID{Kind: "trust", Name: c.Entry},
		Field: c.Finding.Position.Field, Subject: strings.TrimPrefix(c.Finding.Subject, "trust "+c.Entry), Reason: c.Finding.Reason, Fix: c.Fix, Firm: c.Firm,
	}
	switch rule, _ := trust.RuleOf(c.Finding.ID); rule.Bundle {
	case trust.Repaired:
		f.Severity = finding.Note
		f.Reason += " (repaired)"
	case trust.Dropped:
		f.Reason += " (dropped)"
	}
	if c.Finding.Position.Source == "" {
		return located{Finding: f, source: doc.Name(), line: doc.Line("trust", c.Index)}
	}
	return located{Finding: f, source: c.Finding.Position.Source, line: c.Finding.Position.Line}
}

// note counts the certificates that a certs.yaml names.
func (l *linter) note(roots plan.Roots) {
	if l.roots == nil {
		l.roots = map[string]bool{}
	}
	for _, entries := range roots {
		for _, e := range entries {
			l.roots[string(e.Cert.Raw)] = true
		}
	}
}
