package project

import (
	"context"
	"crypto/x509"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// LintResult is the result of lint.
type LintResult struct {
	Findings []lint.Merged
	Objects  int                 // number of checked objects
	Roots    []*x509.Certificate // checked ones, each once
	Failed   error               // paths and CA files that cannot be checked; the rest is
}

// Lint checks the generated objects for the environments of a certs.yaml, and
// its CA files. Additional manifests are checked together with each
// environment, as they are applied together.
func Lint(ctx context.Context, o Options, doc config.Document, manifests []position.Document) (LintResult, error) {
	o = o.withDocument(doc)
	checker := newChecker(o, doc)
	environments, err := checker.environments()
	if err != nil {
		return LintResult{}, err
	}
	l := newLinting(doc, o, manifests)
	for _, e := range environments {
		if err := ctx.Err(); err != nil {
			return LintResult{}, err
		}
		l.environment(e, checker.check(ctx, e))
	}
	if len(doc.Environments) > 0 {
		l.merger.BeginBase()
		l.caFindings(checker.base(ctx))
	}
	return LintResult{Findings: l.merger.Findings(), Objects: l.merger.Objects(), Roots: l.roots, Failed: checker.err()}, nil
}

// Lint checks what generate writes for all environments, as the function Lint
// does, except CA files: Open has reported their problems.
func (p *Project) Lint() []lint.Merged {
	l := newLinting(p.document, p.options, nil)
	if len(p.environments) == 0 {
		l.environment(config.Environment{Certs: p.document.Base}, environmentCheck{objects: p.base.Objects})
	}
	for i, e := range p.environments {
		l.environment(p.document.Environments[i], environmentCheck{objects: e.Objects})
	}
	return l.merger.Findings()
}

// linting is the state of a Lint.
type linting struct {
	document  config.Document
	options   Options
	manifests *lint.Documents
	merger    lint.Merger
	roots     []*x509.Certificate
	seen      map[string]bool // roots by content
}

func newLinting(doc config.Document, o Options, manifests []position.Document) linting {
	return linting{document: doc, options: o, manifests: lint.NewDocuments(manifests), merger: lint.Merger{Environments: true}, seen: map[string]bool{}}
}

// environment checks one environment. It skips findings about the CA
// certificates in its objects, because those about their files have lines.
func (l *linting) environment(e config.Environment, check environmentCheck) {
	l.count(check.roots)
	planned := len(check.objects)
	objects, ofTrust := make([]manifest.Object, planned), map[finding.Object]bool{}
	for i, b := range check.objects {
		objects[i] = b.Object
		if strings.HasPrefix(b.Part, "trust/") {
			ofTrust[finding.Object(b.ID())] = true
		}
	}
	objects = append(objects, l.manifests.Objects...)
	l.merger.Begin(e.Name)
	l.merger.Count(objects)
	entries := entriesOf(e.Certs)
	for _, f := range lint.Check(objects, nil, l.options.Now) {
		if f.Index >= planned {
			f.Index -= planned
			l.merger.Add(l.manifests.Locate(f))
			continue
		}
		if _, about := cabundle.RuleOf(f.ID); !about || !ofTrust[f.Object] {
			f.Position.Source, f.Position.Line = l.document.Name(), l.line(e.Name, entries[withoutGroup(manifest.ID(f.Object))], f.Position.Field)
			l.merger.Add(f)
		}
	}
	l.caFindings(check.findings)
}

// caFindings adds findings about CA certificates. Findings that generate
// repairs are notes.
func (l *linting) caFindings(findings []caFinding) {
	for _, c := range findings {
		f := lint.Finding{Finding: c.finding, Firm: c.firm}
		f.Object, f.Fix = finding.Object{Kind: "trust", Name: c.entry}, c.fix
		f.Subject = strings.TrimPrefix(f.Subject, "trust "+c.entry)
		switch rule, _ := cabundle.RuleOf(f.ID); rule.Action {
		case cabundle.Repaired:
			f.Severity = finding.Note
			f.Reason += " (repaired)"
		case cabundle.Dropped:
			f.Reason += " (dropped)"
		}
		if f.Position.Source == "" {
			f.Position.Source, f.Position.Line = l.document.Name(), l.document.Line("trust", c.index)
		}
		l.merger.Add(f)
	}
}

// count adds certificates to the roots.
func (l *linting) count(roots plan.Roots) {
	for _, name := range slices.Sorted(maps.Keys(roots)) {
		for _, e := range roots[name] {
			if !l.seen[string(e.Cert.Raw)] {
				l.seen[string(e.Cert.Raw)] = true
				l.roots = append(l.roots, e.Cert)
			}
		}
	}
}

// withoutGroup returns an ID without its API group, which entries of certs.yaml
// do not have.
func withoutGroup(id manifest.ID) manifest.ID {
	id.Group = ""
	return id
}

// entry is an entry of a list of certs.yaml; without a list there is none.
type entry struct {
	list  string
	index int
}

// line returns the line of a finding about the object of an entry: that of the
// field where an environment sets it, else that of the entry.
func (l *linting) line(environment string, e entry, field string) int {
	if e.list == "" {
		return 0
	}
	if line := l.document.FieldLine(environment, e.list, e.index, strings.TrimPrefix(field, "spec.")); line > 0 {
		return line
	}
	return l.document.Line(e.list, e.index)
}

// entriesOf returns the entries of a certs.yaml by generated object. If entries
// share an object, the first counts.
func entriesOf(certs v1alpha1.Certs) map[manifest.ID]entry {
	entries := map[manifest.ID]entry{}
	add := func(list string, i int, kind, namespace, name string) {
		id := manifest.ID{Kind: kind, Namespace: namespace, Name: name}
		if entries[id].list == "" {
			entries[id] = entry{list, i}
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
	return entries
}
