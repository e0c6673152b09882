package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
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
	return l.document(doc, filepath.Dir(project.file), project.environment)
}

// document judges a certs.yaml that is in a folder, in one environment or all,
// "" for these. What it names and cannot be read keeps nobody from being told of
// the rest.
func (l *linter) document(doc spec.Document, dir, environment string) error {
	environments := doc.Environments
	if len(environments) == 0 {
		environments = []spec.Environment{{Certs: doc.Base}}
	}
	if environment != "" {
		environments = slices.DeleteFunc(slices.Clone(environments), func(e spec.Environment) bool { return e.Name != environment })
		if len(environments) == 0 {
			return fmt.Errorf("no environment %q in %s; there are %s", environment, doc.Name(), cmp.Or(strings.Join(environmentNames(doc), ", "), "none"))
		}
	}
	reader := newRootsReader(l.ctx, l.env, dir)
	reader.now, reader.keep = l.now, true
	all := merger{environments: true}
	for _, e := range environments {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		l.environment(&all, reader, doc, e)
	}
	l.base(&all, reader, doc)
	if err := doc.Refuse(reader.found); err != nil {
		l.failed = append(l.failed, err)
	}
	l.found, l.objects = append(l.found, all.done()...), l.objects+len(all.objects)
	return nil
}

// asItStands is a certs.yaml without what any environment changes.
const asItStands = "as it stands"

// base judges the roots of a file with environments as it stands: generate
// refuses it by them, whatever the environments say.
func (l *linter) base(m *merger, reader *rootsReader, doc spec.Document) {
	if len(doc.Environments) == 0 {
		return
	}
	reader.read("", doc.Base.Trust)
	m.side(asItStands)
	for _, v := range reader.take() {
		if v.refused {
			m.add(l.verdict(doc, v))
		}
	}
	m.names = m.names[:len(m.names)-1]
}

// environment judges what generate would write for one environment. Of the CA
// certificates in it the files that they come from tell, and with lines.
func (l *linter) environment(m *merger, reader *rootsReader, doc spec.Document, e spec.Environment) {
	file := doc.Name()
	roots := reader.read(e.Name, e.Certs.Trust)
	l.note(roots)
	built := manifest.Build(plan.New(e.Certs, roots))
	objects, anchors := make([]manifest.Object, len(built)), map[manifest.ID]bool{}
	for i, b := range built {
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
			m.add(located{Finding: f, source: file, line: lines[entry(f.Object)]})
		}
	}
	for _, v := range reader.take() {
		m.add(l.verdict(doc, v))
	}
}

func (l *linter) verdict(doc spec.Document, v verdict) located {
	if v.Position.Source == "" {
		return located{Finding: v.lintFinding(), source: doc.Name(), line: doc.Line("trust", v.index)}
	}
	return located{Finding: v.lintFinding(), source: v.Position.Source, line: v.Position.Line}
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

func environmentNames(doc spec.Document) []string {
	var names []string
	for _, e := range doc.Environments {
		names = append(names, e.Name)
	}
	return names
}

// take returns the verdicts since it was last called.
func (r *rootsReader) take() []verdict {
	taken := r.verdicts
	r.verdicts = nil
	return taken
}

// lintFinding is a verdict as lint tells it. What generate repairs as it writes
// is good to know, and no more.
func (v verdict) lintFinding() lint.Finding {
	f := lint.Finding{
		ID: v.ID, Severity: v.Severity, Object: manifest.ID{Kind: "trust", Name: v.name},
		Field: v.Position.Field, Subject: strings.TrimPrefix(v.Subject, "trust "+v.name), Reason: v.Reason, Fix: v.fix, Firm: v.firm,
	}
	switch rule, _ := trust.RuleOf(v.ID); rule.Bundle {
	case trust.Repaired:
		f.Severity = finding.Note
		f.Reason += " (repaired)"
	case trust.Dropped:
		f.Reason += " (dropped)"
	}
	return f
}
