package lint

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// paths checks what is at each path by itself. What cannot be read is among the
// failures.
func (c *check) paths(ctx context.Context) {
	reader := &source.Reader{In: c.o.IO.In, Budget: c.o.Limits, Progress: c.o.IO.Progressing}
	defer reader.Close()
	for _, p := range c.o.Paths {
		targets, err := c.path(ctx, reader, p)
		if err != nil {
			c.failed = append(c.failed, err)
			continue
		}
		if err := c.targets(ctx, targets); err != nil {
			c.failed = append(c.failed, err)
		}
		if targets.IsEmpty() {
			c.failed = append(c.failed, fmt.Errorf("%s: no objects", p))
		}
	}
}

// path reads what is at a path. A certs.yaml is checked at once.
func (c *check) path(ctx context.Context, reader *source.Reader, operand string) (lint.Targets, error) {
	item, err := reader.Find(ctx, operand)
	environment := c.o.Project.Environment
	switch {
	case err != nil:
		return lint.Targets{}, err
	case item.IsFolder() && environment != "":
		return lint.Targets{}, fmt.Errorf("%s: -e is for a certs.yaml, not for a folder", item.Name)
	case item.IsFolder():
		return c.folder(ctx, reader, item)
	case config.IsCerts(item.Data):
		return lint.Targets{}, c.certsFile(ctx, item)
	}
	d, incomplete, err := source.Decode(c.o.Limits, item)
	switch {
	case err != nil:
		return lint.Targets{}, err
	case environment != "":
		return lint.Targets{}, fmt.Errorf("%s: -e is for a certs.yaml, not for manifests", item.Name)
	case len(d.Objects) == 0:
		return lint.Targets{}, noManifests(item.Name)
	}
	c.failed = append(c.failed, incomplete...)
	return lint.Targets{All: [][]position.Document{{d}}}, nil
}

// folder reads a folder, or checks the one certs.yaml that is all it holds.
func (c *check) folder(ctx context.Context, reader *source.Reader, folder source.Item) (lint.Targets, error) {
	s, err := reader.Survey(ctx, folder)
	c.failed = append(c.failed, s.Failed...)
	certs := position.Sources(s.Certs)
	if len(certs) > 0 && len(s.Targets) > 0 {
		c.o.IO.Messagef("note: skipped %s; check each with kubectl certs lint FILE", phrase.List(certs))
	}
	if len(s.Unbuilt) > 0 {
		c.o.IO.Messagef("note: skipped %s with resources outside these files: %s; pipe in the output of kustomize build", phrase.Count(len(s.Unbuilt), "kustomization"), phrase.List(s.Unbuilt))
	}
	switch {
	case err != nil:
		return lint.Targets{}, err
	case len(s.Targets)+len(c.failed) > 0:
	case len(s.Unbuilt) > 0:
		return lint.Targets{}, fmt.Errorf("%s: nothing in it can be checked", folder.Name)
	case len(certs) == 1:
		err = c.certsFile(ctx, source.Item{Name: certs[0], Data: s.Certs[0].Data})
	case len(certs) > 1:
		return lint.Targets{}, hint.With(fmt.Errorf("%s: several certs.yaml files and no manifests", folder.Name), "kubectl certs lint "+strings.Join(certs, " "))
	default:
		return lint.Targets{}, noManifests(folder.Name)
	}
	if err == nil && len(s.Skipped) > 0 {
		c.o.IO.Messagef("note: skipped %s without manifests: %s", phrase.Count(len(s.Skipped), "file"), phrase.List(s.Skipped))
	}
	return lint.Targets{All: s.Targets, Unlisted: s.Unlisted}, err
}

// certsFile checks a certs.yaml that is a path, or in one.
func (c *check) certsFile(ctx context.Context, file source.Item) error {
	if strings.HasPrefix(file.Name, "git:") {
		return hint.With(fmt.Errorf("%s: a certs.yaml in Git cannot be checked without the files that it names", file.Name), "check out the revision, or give the generated folder, such as "+path.Dir(file.Name)+"/overlays")
	}
	doc, err := config.ParseWithin(c.o.Limits, file.Name, file.Data)
	if err != nil {
		return err
	}
	o := c.o.Project
	o.File, o.Named = file.Name, false
	return c.document(ctx, o, doc, nil)
}

func noManifests(name string) error {
	return hint.With(fmt.Errorf("%s: no manifests", name), "kubectl certs trust inspect checks files of CA certificates")
}
