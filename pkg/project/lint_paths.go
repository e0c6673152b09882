package project

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// LintFiles checks the files that the options name: a certs.yaml together with
// the manifests beside it, or manifests alone. The error is that of Read.
func LintFiles(ctx context.Context, o Options) (LintResult, error) {
	in, err := Read(ctx, o)
	switch {
	case err != nil:
		return LintResult{}, err
	case in.Certs != nil:
		return Lint(ctx, o, *in.Certs, in.Manifests)
	case o.Environment != "":
		return LintResult{}, errors.New("-e needs a certs.yaml, and -f names only manifests")
	}
	var r LintResult
	r.Findings, r.Objects, err = lint.CheckTargets(lint.Targets{All: [][]position.Document{in.Manifests}}, o.Now, ctx.Err)
	return r, err
}

// LintPaths checks each path by itself: a certs.yaml, a kustomization, a folder
// or a file with manifests, Stdin, or one of these in Git. It ignores the files
// that the options name.
func LintPaths(ctx context.Context, o Options, paths []string) LintResult {
	l := pathLinter{options: o, reader: &source.Reader{In: o.Stdin, Budget: o.Limits, Progress: o.Progress}}
	defer l.reader.Close()
	for _, p := range paths {
		targets, err := l.path(ctx, p)
		if err != nil {
			l.failed = append(l.failed, err)
			continue
		}
		if err := l.targets(ctx, targets); err != nil {
			l.failed = append(l.failed, err)
		}
		if targets.IsEmpty() {
			l.failed = append(l.failed, fmt.Errorf("%s: no objects", p))
		}
	}
	l.result.Failed = problem.Join(l.failed...)
	return l.result
}

// pathLinter is the state of LintPaths.
type pathLinter struct {
	options Options
	reader  *source.Reader
	result  LintResult
	failed  []error
}

// path reads a path. A certs.yaml is checked at once.
func (l *pathLinter) path(ctx context.Context, operand string) (lint.Targets, error) {
	item, err := l.reader.Find(ctx, operand)
	environment := l.options.Environment
	switch {
	case err != nil:
		return lint.Targets{}, err
	case item.IsFolder() && environment != "":
		return lint.Targets{}, fmt.Errorf("%s: -e is for a certs.yaml, not for a folder", item.Name)
	case item.IsFolder():
		return l.folder(ctx, item)
	}
	return l.file(ctx, item)
}

// file reads the manifests of a file, or checks it if it has a Certs.
func (l *pathLinter) file(ctx context.Context, file source.Item) (lint.Targets, error) {
	contents, wrong := l.reader.ContentsOf(file)
	certs, err := contents.One(v1alpha1.Kind)
	objects := len(contents.Manifests) > 0 && len(contents.Manifests[0].Objects) > 0
	switch {
	case err != nil:
		return lint.Targets{}, err
	case certs != nil:
		return lint.Targets{}, problem.Join(wrong, l.certsFile(ctx, certs.Item, contents.Manifests))
	case !objects && (wrong == nil || isPEM(file.Data)):
		return lint.Targets{}, noManifests(file)
	case !objects:
		return lint.Targets{}, wrong
	case l.options.Environment != "":
		return lint.Targets{}, fmt.Errorf("%s: -e is for a certs.yaml, not for manifests", file.Name)
	}
	if wrong != nil {
		l.failed = append(l.failed, wrong)
	}
	return lint.Targets{All: [][]position.Document{contents.Manifests}}, nil
}

// isPEM reports whether a file has certificates or keys but is not a manifest of
// them.
func isPEM(data []byte) bool {
	return pki.HasPEM(string(data)) && !bytes.Contains(data, []byte("apiVersion"))
}

// folder reads a folder, or checks its only certs.yaml if it has nothing else.
func (l *pathLinter) folder(ctx context.Context, folder source.Item) (lint.Targets, error) {
	s, err := l.reader.Survey(ctx, folder)
	l.failed = append(l.failed, s.Failed...)
	certs := position.Sources(s.Certs)
	manifests := len(s.Targets)+len(s.Failed) > 0
	if manifests && len(certs) > 0 {
		l.options.note("skipped %s; check each with kubectl certs lint FILE", phrase.List(certs))
	}
	if len(s.Unbuilt) > 0 {
		l.options.note("skipped %s with resources outside these files: %s; pipe in the output of kustomize build", phrase.Count(len(s.Unbuilt), "kustomization"), phrase.List(s.Unbuilt))
	}
	switch {
	case err != nil:
		return lint.Targets{}, err
	case manifests:
	case len(s.Unbuilt) > 0:
		return lint.Targets{}, fmt.Errorf("%s: nothing in it can be checked", folder.Name)
	case len(certs) == 1:
		err = l.certsFile(ctx, source.Item{Name: certs[0], Data: s.Certs[0].Data}, nil)
	case len(certs) > 1:
		return lint.Targets{}, hint.With(fmt.Errorf("%s: several certs.yaml files and no manifests", folder.Name), "kubectl certs lint "+strings.Join(certs, " "))
	default:
		return lint.Targets{}, noManifests(folder)
	}
	if err == nil && len(s.Skipped) > 0 {
		l.options.note("skipped %s without manifests: %s", phrase.Count(len(s.Skipped), "file"), phrase.List(s.Skipped))
	}
	return lint.Targets{All: s.Targets, Unlisted: s.Unlisted}, err
}

// certsFile checks a certs.yaml together with the manifests beside it.
func (l *pathLinter) certsFile(ctx context.Context, file source.Item, beside []position.Document) error {
	if strings.HasPrefix(file.Name, "git:") {
		return hint.With(fmt.Errorf("%s: a certs.yaml in Git cannot be checked without the files that it names", file.Name), "check out the revision, or give the generated folder, such as "+path.Dir(file.Name)+"/overlays")
	}
	doc, err := config.Parse(l.options.Limits, file.Name, file.Data)
	if err != nil {
		return err
	}
	o := l.options
	o.File, o.Named = file.Name, false
	r, err := Lint(ctx, o, doc, beside)
	if err != nil {
		return err
	}
	if r.Failed != nil {
		l.failed = append(l.failed, r.Failed)
	}
	l.add(r.Findings, r.Objects, r.Roots)
	return nil
}

// targets checks manifests.
func (l *pathLinter) targets(ctx context.Context, targets lint.Targets) error {
	found, objects, err := lint.CheckTargets(targets, l.options.Now, ctx.Err)
	l.add(found, objects, nil)
	return err
}

// add adds the result for a path. Roots that are there already are not added.
func (l *pathLinter) add(found []lint.Merged, objects int, roots []*x509.Certificate) {
	r := &l.result
	r.Findings, r.Objects = append(r.Findings, found...), r.Objects+objects
	for _, root := range roots {
		if !pki.Contains(r.Roots, root) {
			r.Roots = append(r.Roots, root)
		}
	}
}

// noManifests is the error for a file or a folder without manifests. Folders may have
// certificates in any format.
func noManifests(item source.Item) error {
	text := "a manifest needs apiVersion, kind and metadata.name"
	if item.IsFolder() || isPEM(item.Data) {
		text = "kubectl certs trust inspect checks files of CA certificates"
	}
	return hint.With(fmt.Errorf("%s: no manifests", item.Name), text)
}
