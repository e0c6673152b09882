package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// located is a finding, where it is, and in which of several environments or
// overlays, none for all.
type located struct {
	lint.Finding
	source string
	line   int // 0 where there are none
	in     []string
}

// linter reads what is to be judged, and judges it.
type linter struct {
	ctx     context.Context
	env     Env
	now     time.Time
	found   []located
	objects int             // that were judged
	roots   map[string]bool // the certificates that a certs.yaml names, by content
}

// certs judges a certs.yaml in each of its environments.
func (l *linter) certs(project projectFlags) error {
	doc, err := project.parse(l.env)
	if err != nil {
		return err
	}
	environments := doc.Environments
	if len(environments) == 0 {
		environments = []spec.Environment{{Certs: doc.Base}}
	}
	if project.environment != "" {
		environments = slices.DeleteFunc(slices.Clone(environments), func(e spec.Environment) bool { return e.Name != project.environment })
		if len(environments) == 0 {
			return fmt.Errorf("no environment %q in %s; there are %s", project.environment, project.file, cmp.Or(strings.Join(environmentNames(doc), ", "), "none"))
		}
	}
	reader := newRootsReader(l.ctx, l.env, filepath.Dir(project.file))
	reader.now, reader.keep = l.now, true
	file := project.file
	if file == "-" {
		file = "stdin"
	}
	var all merger
	for _, e := range environments {
		roots := reader.read(e.Name, e.Certs.Trust)
		l.note(roots)
		p := plan.New(e.Certs, roots)
		all.side(e.Name)
		lines := entryLines(doc, e.Certs)
		for _, f := range l.judge(&all, manifest.Build(p)) {
			all.add(located{Finding: f, source: file, line: lines[entry(f.Object)]})
		}
		for _, v := range reader.take() {
			at := located{Finding: v.lintFinding(), source: v.Place.Source, line: v.Place.Line}
			if v.Place.Source == "" {
				at.source, at.line = file, doc.Line("trust", v.index)
			}
			all.add(at)
		}
	}
	if err := doc.Refuse(reader.found); err != nil {
		return err
	}
	l.take(&all)
	return nil
}

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

// take takes in what was found at one place.
func (l *linter) take(m *merger) {
	l.objects += len(m.objects)
	l.found = append(l.found, m.done()...)
}

func environmentNames(doc spec.Document) []string {
	var names []string
	for _, e := range doc.Environments {
		names = append(names, e.Name)
	}
	return names
}

// judge weighs what generate would write. Of the CA certificates in it the
// files that they come from tell, and with lines.
func (l *linter) judge(m *merger, built []manifest.Built) []lint.Finding {
	objects, anchors := make([]manifest.Object, len(built)), map[manifest.ID]bool{}
	for i, b := range built {
		objects[i] = b.Object
		if strings.HasPrefix(b.Part, "trust/") {
			anchors[b.ID()] = true
		}
	}
	m.count(objects)
	return slices.DeleteFunc(lint.Judge(objects, l.now), func(f lint.Finding) bool {
		_, ofTrust := trust.RuleOf(f.ID)
		return ofTrust && anchors[f.Object]
	})
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
		Field: v.Place.Field, Subject: strings.TrimPrefix(v.Subject, "trust "+v.name), Reason: v.Reason, Fix: v.fix,
	}
	switch rule, _ := trust.RuleOf(v.ID); rule.Bundle {
	case trust.Repaired:
		f.Severity = trust.Note
		f.Reason += " (repaired)"
	case trust.Dropped:
		f.Reason += " (dropped)"
	}
	return f
}

// paths judges what is at some places, each by itself.
func (l *linter) paths(paths []string) error {
	r := operandReader{ctx: l.ctx, env: l.env, builder: &overlay.Builder{}}
	defer r.close()
	var failed []error
	for _, p := range paths {
		failed = append(failed, l.path(&r, p))
	}
	return all(failed...)
}

func (l *linter) path(r *operandReader, operand string) error {
	var m merger
	if operand == "-" {
		data, err := io.ReadAll(l.env.In)
		if err != nil {
			return err
		}
		objects, err := r.builder.Objects("stdin", data)
		if err != nil {
			return err
		}
		m.side("")
		l.pieces(&m, []piece{{data: data, objects: objects}}, func(string) string { return "stdin" })
	} else {
		fsys, name, err := r.open(operand)
		if err != nil {
			return err
		}
		if err := l.place(&m, r, fsys, name, operand); err != nil {
			return err
		}
	}
	if len(m.objects) == 0 {
		return withHint(fmt.Errorf("%s: no manifests in it", operand), "files of CA certificates are judged by kubectl certs trust inspect")
	}
	if operand != "-" && m.isCerts() {
		return l.certs(projectFlags{file: operand})
	}
	l.take(&m)
	return nil
}

// place judges each overlay of a tree of ours, or all that is at a place.
func (l *linter) place(m *merger, r *operandReader, fsys fs.FS, name, operand string) error {
	shown := func(file string) string {
		return path.Join(filepath.ToSlash(operand), strings.TrimPrefix(strings.TrimPrefix(file, name), "/"))
	}
	sides := []string{""}
	if info, err := fs.Stat(fsys, name); err == nil && info.IsDir() && !overlay.HasKustomization(fsys, name) {
		if below := overlay.Overlays(fsys, name); len(below) > 0 {
			sides = below
			shown = func(string) string { return path.Join(filepath.ToSlash(operand), overlay.OverlaysDir) }
		}
	}
	var skipped []string
	var failed []error
	r.unread = func(file string, err error) {
		if data, _ := fs.ReadFile(fsys, file); isTemplate(data) || !looksLikeManifest(data) {
			skipped = append(skipped, shown(file))
			return
		}
		failed = append(failed, fmt.Errorf("%s/%w", path.Dir(shown(file)), err))
	}
	defer func() { r.unread = nil }()
	for _, side := range sides {
		done := l.env.progress("reading " + path.Join(operand, side))
		pieces, err := r.pieces(fsys, path.Join(name, side))
		done()
		if err != nil {
			return fmt.Errorf("%s: %w", operand, err)
		}
		m.side(path.Base(side))
		l.pieces(m, pieces, shown)
	}
	if len(skipped) > 0 {
		l.env.say("note: skipped %s without manifests: %s", count(len(skipped), "file"), some(skipped))
	}
	return all(failed...)
}

// isTemplate tells Helm's templates and the like from manifests.
func isTemplate(data []byte) bool { return bytes.Contains(data, []byte("{{")) }

func looksLikeManifest(data []byte) bool {
	return bytes.Contains(data, []byte("apiVersion")) && bytes.Contains(data, []byte("kind"))
}

// pieces judges what some files hold, all of it together.
func (l *linter) pieces(m *merger, pieces []piece, shown func(file string) string) {
	var objects []manifest.Object
	from := map[manifest.ID]int{}
	for i, p := range pieces {
		for _, o := range p.objects {
			if _, twice := from[o.ID()]; !twice {
				from[o.ID()] = i
			}
		}
		objects = append(objects, p.objects...)
	}
	m.count(objects)
	texts := map[int]*lines{}
	for _, f := range lint.Judge(objects, l.now) {
		i := from[f.Object] // of an object that is missing, the first
		if texts[i] == nil {
			texts[i] = newLines(pieces[i].data)
		}
		m.add(located{Finding: f, source: shown(pieces[i].name), line: texts[i].of(f.Object, f.Field)})
	}
}
