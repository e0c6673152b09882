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

// lintResult is what lint has found so far.
type lintResult struct {
	now     time.Time // the time to judge as of
	found   []lint.Merged
	failed  []error         // what could not be judged, though the rest was
	objects int             // that were judged
	roots   map[string]bool // the certificates that a certs.yaml names, by content
}

// certs judges a certs.yaml in each of its environments.
func (l *lintResult) certs(ctx context.Context, env Env, certs projectFlags) error {
	doc, err := certs.parse(env)
	if err != nil {
		return err
	}
	return l.document(ctx, env, doc, certs)
}

// document judges a certs.yaml, in one environment or all. Files that it names and
// that cannot be read are among the failures.
func (l *lintResult) document(ctx context.Context, env Env, doc spec.Document, certs projectFlags) error {
	options := projectFlags{file: certs.file, environment: certs.environment}.options(env)
	options.Now = l.now
	checker := project.NewChecker(options, doc)
	environments, err := checker.Environments()
	if err != nil {
		return err
	}
	all := lint.Merger{Environments: true}
	for _, e := range environments {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.environment(&all, doc, e, checker.Check(ctx, e))
	}
	if len(doc.Environments) > 0 {
		base(&all, doc, checker.Base(ctx))
	}
	if err := checker.Err(); err != nil {
		l.failed = append(l.failed, err)
	}
	l.found, l.objects = append(l.found, all.Findings()...), l.objects+all.Objects()
	return nil
}

// base adds the CA certificates for which generate refuses a file with
// environments as it stands.
func base(m *lint.Merger, doc spec.Document, findings []project.CAFinding) {
	m.BeginBase()
	for _, f := range findings {
		m.Add(caFinding(doc, f))
	}
}

// environment judges what generate would write for one environment. Of the CA
// certificates in it the files that they come from tell, and with lines.
func (l *lintResult) environment(m *lint.Merger, doc spec.Document, e spec.Environment, check project.EnvironmentCheck) {
	l.note(check.Roots)
	objects, anchors := make([]manifest.Object, len(check.Objects)), map[manifest.ID]bool{}
	for i, b := range check.Objects {
		objects[i] = b.Object
		if strings.HasPrefix(b.Part, "trust/") {
			anchors[b.ID()] = true
		}
	}
	m.Begin(e.Name)
	m.Count(objects)
	lines := entryLines(doc, e.Certs)
	for _, f := range lint.Judge(objects, nil, l.now) {
		if _, ofTrust := trust.RuleOf(f.ID); !ofTrust || !anchors[manifest.ID(f.Object)] {
			f.Position.Source, f.Position.Line = doc.Name(), lines[entry(manifest.ID(f.Object))]
			m.Add(f)
		}
	}
	for _, f := range check.Findings {
		m.Add(caFinding(doc, f))
	}
}

// caFinding returns a finding about CA certificates as lint reports it. What
// generate repairs as it writes is a note.
func caFinding(doc spec.Document, c project.CAFinding) lint.Finding {
	f := lint.Finding{Finding: c.Finding, Firm: c.Firm}
	f.Object, f.Fix = finding.Object{Kind: "trust", Name: c.Entry}, c.Fix
	f.Subject = strings.TrimPrefix(f.Subject, "trust "+c.Entry)
	switch rule, _ := trust.RuleOf(f.ID); rule.Bundle {
	case trust.Repaired:
		f.Severity = finding.Note
		f.Reason += " (repaired)"
	case trust.Dropped:
		f.Reason += " (dropped)"
	}
	if f.Position.Source == "" {
		f.Position.Source, f.Position.Line = doc.Name(), doc.Line("trust", c.Index)
	}
	return f
}

// note counts the certificates that a certs.yaml names.
func (l *lintResult) note(roots plan.Roots) {
	if l.roots == nil {
		l.roots = map[string]bool{}
	}
	for _, entries := range roots {
		for _, e := range entries {
			l.roots[string(e.Cert.Raw)] = true
		}
	}
}

// entry names an object without its API group.
func entry(id manifest.ID) manifest.ID {
	id.Group = ""
	return id
}

// entryLines finds where a certs.yaml says what becomes an object, by entry. Of
// several that share one it is the first.
func entryLines(doc spec.Document, certs spec.Certs) map[manifest.ID]int {
	lines := map[manifest.ID]int{}
	add := func(list string, i int, kind, namespace, name string) {
		id := manifest.ID{Kind: kind, Namespace: namespace, Name: name}
		if lines[id] == 0 {
			lines[id] = doc.Line(list, i)
		}
	}
	for i, issuer := range certs.Issuers {
		add("issuers", i, string(issuer.Kind), issuer.Namespace, issuer.Name)
	}
	for i, c := range certs.Certificates {
		add("certificates", i, "Certificate", c.Namespace, c.Name)
	}
	for i := range certs.Expose {
		e := &certs.Expose[i]
		add("expose", i, string(e.As), e.Namespace, e.Name)
		add("expose", i, "Certificate", e.CertificateNamespace(), e.SecretName)
		if e.Gateway != nil {
			add("expose", i, "Gateway", e.Gateway.Namespace, e.Gateway.Name)
		}
	}
	return lines
}
