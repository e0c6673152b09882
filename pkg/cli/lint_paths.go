package cli

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// paths judges what is at each path by itself. What cannot be read is among the
// failures.
func (l *lintResult) paths(ctx context.Context, env Env, paths []string, environment string) {
	reader := env.source()
	defer reader.Close()
	for _, p := range paths {
		targets, err := l.path(ctx, env, reader, p, environment)
		if err != nil {
			l.failed = append(l.failed, err)
			continue
		}
		found, objects, err := lint.JudgeTargets(targets, l.now, ctx.Err)
		if err != nil {
			l.failed = append(l.failed, err)
		}
		l.found, l.objects = append(l.found, found...), l.objects+objects
		if targets.IsEmpty() {
			l.failed = append(l.failed, fmt.Errorf("%s: no objects in it", p))
		}
	}
}

// path reads what is at a path. A certs.yaml is judged at once.
func (l *lintResult) path(ctx context.Context, env Env, reader *source.Reader, operand, environment string) (lint.Targets, error) {
	item, err := reader.Find(ctx, operand)
	switch {
	case err != nil:
		return lint.Targets{}, err
	case item.IsFolder() && environment != "":
		return lint.Targets{}, fmt.Errorf("%s: -e is for a certs.yaml, and this is a folder", item.Name)
	case item.IsFolder():
		return l.folder(ctx, env, reader, item)
	case source.IsCerts(item.Data):
		return lint.Targets{}, l.certsFile(ctx, env, item, environment)
	}
	d, incomplete, err := source.Decode(env.Limits, item)
	switch {
	case err != nil:
		return lint.Targets{}, err
	case environment != "":
		return lint.Targets{}, fmt.Errorf("%s: -e is for a certs.yaml, and this is none", item.Name)
	case len(d.Objects) == 0:
		return lint.Targets{}, errNoManifests(item.Name)
	}
	l.failed = append(l.failed, incomplete...)
	return lint.Targets{All: [][]position.Document{{d}}}, nil
}

// folder reads a folder, or judges the one certs.yaml that is all it holds.
func (l *lintResult) folder(ctx context.Context, env Env, reader *source.Reader, folder source.Item) (lint.Targets, error) {
	s, err := reader.Survey(ctx, folder)
	l.failed = append(l.failed, s.Failed...)
	certs := position.Sources(s.Certs)
	if len(certs) > 0 && len(s.Targets) > 0 {
		env.say("note: not judged here: %s; kubectl certs lint FILE does", some(certs))
	}
	if len(s.Unbuilt) > 0 {
		env.say("note: not judged: %s with more than files here; pipe in what it builds to: %s", count(len(s.Unbuilt), "kustomization"), some(s.Unbuilt))
	}
	switch {
	case err != nil:
		return lint.Targets{}, err
	case len(s.Targets)+len(l.failed) > 0:
	case len(s.Unbuilt) > 0:
		return lint.Targets{}, fmt.Errorf("%s: nothing in it can be judged", folder.Name)
	case len(certs) == 1:
		err = l.certsFile(ctx, env, source.Item{Name: certs[0], Data: s.Certs[0].Data}, "")
	case len(certs) > 1:
		return lint.Targets{}, withHint(fmt.Errorf("%s: several certs.yaml and nothing else", folder.Name), "kubectl certs lint "+strings.Join(certs, " "))
	default:
		return lint.Targets{}, errNoManifests(folder.Name)
	}
	if err == nil && len(s.Skipped) > 0 {
		env.say("note: skipped %s without manifests: %s", count(len(s.Skipped), "file"), some(s.Skipped))
	}
	return lint.Targets{All: s.Targets, Unlisted: s.Unlisted}, err
}

// certsFile judges a certs.yaml that is named as a path.
func (l *lintResult) certsFile(ctx context.Context, env Env, file source.Item, environment string) error {
	if strings.HasPrefix(file.Name, "git:") {
		return withHint(fmt.Errorf("%s: a certs.yaml is judged beside the files that it names", file.Name), "check the revision out, or name what it generated, as in "+path.Dir(file.Name)+"/overlays")
	}
	doc, err := parseSpec(env.Limits, file.Name, file.Data, nil)
	if err != nil {
		return err
	}
	return l.document(ctx, projectFlags{file: file.Name, environment: environment}.options(env), doc)
}

func errNoManifests(name string) error {
	return withHint(fmt.Errorf("%s: no manifests in it", name), "files of CA certificates are judged by kubectl certs trust inspect")
}
