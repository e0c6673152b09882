package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Survey is the content of a folder. All names are in the form of operands.
type Survey struct {
	// Targets are the documents that are applied together: each kustomization
	// to which no other refers, and the files outside of kustomizations.
	Targets  [][]position.Document
	Unlisted []position.Document // files beside a kustomization that does not list them
	Certs    []position.Document // certs.yaml files, without objects
	Skipped  []string            // files and documents without manifests
	Unbuilt  []string            // kustomizations that need more than files, and what they need
	Failed   []error             // files that could not be read
}

// Survey reads a folder. Its errors are in the survey, except the end of ctx.
func (r *Reader) Survey(ctx context.Context, folder Item) (Survey, error) {
	s := surveyor{reader: r, folder: folder}
	tops, files, wrong := overlay.Survey(r.Budget, folder.fsys, folder.root)
	for _, err := range wrong {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = fmt.Errorf("%s: %w", folder.shown(at.Path), at.Err)
		}
		s.found.Failed = append(s.found.Failed, err)
	}
	for _, top := range tops {
		s.kustomization(top)
	}
	if err := s.loose(ctx, files.Loose); err != nil {
		return Survey{}, err
	}
	for _, file := range files.Unlisted {
		s.unlisted(file)
	}
	return s.found, ctx.Err()
}

type surveyor struct {
	reader *Reader
	folder Item
	found  Survey
}

func (s *surveyor) kustomization(top overlay.Top) {
	shown := s.folder.shown(top.Dir)
	if top.Needs != "" {
		s.found.Unbuilt = append(s.found.Unbuilt, fmt.Sprintf("%s (%s)", shown, top.Needs))
		return
	}
	done := s.reader.progress("building " + shown)
	objects, err := s.reader.build(s.folder.fsys, top.Dir)
	done()
	if err != nil {
		s.found.Failed = append(s.found.Failed, fmt.Errorf("%s: %w", shown, err))
		return
	}
	s.found.Targets = append(s.found.Targets, []position.Document{{Source: shown, Objects: objects}})
}

// loose reads the files outside of kustomizations, as one target.
func (s *surveyor) loose(ctx context.Context, names []string) error {
	var target []position.Document
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if d, ok := s.file(name); ok {
			target = append(target, d)
		}
	}
	if len(target) > 0 {
		s.found.Targets = append(s.found.Targets, target)
	}
	return nil
}

// file reads a file of the folder, false if it has no objects.
func (s *surveyor) file(name string) (position.Document, bool) {
	if !isManifest(name) {
		return position.Document{}, false
	}
	shown := s.folder.shown(name)
	if info, err := fs.Stat(s.folder.fsys, name); err == nil && !info.Mode().IsRegular() {
		s.found.Skipped = append(s.found.Skipped, shown)
		return position.Document{}, false
	}
	data, err := fs.ReadFile(s.folder.fsys, name)
	if err != nil {
		s.found.Failed = append(s.found.Failed, fmt.Errorf("%s: %w", shown, problem.Reason(err)))
		return position.Document{}, false
	}
	own := ownDocuments(data)
	if err := own.check(shown); err != nil {
		s.found.Failed = append(s.found.Failed, err)
		return position.Document{}, false
	}
	if config.IsCerts(data) {
		s.found.Certs = append(s.found.Certs, position.Document{Source: shown, Data: data})
		return position.Document{}, false
	}
	if len(own.own) > 0 {
		data = own.without(own.own)
	}
	objects, others, err := manifest.DecodeSome(s.reader.Budget, data)
	switch {
	case err != nil && !isTemplate(data) && looksLikeManifest(data):
		s.found.Failed = append(s.found.Failed, fmt.Errorf("%s: %w", shown, err))
		return position.Document{}, false
	case err != nil || len(objects) == 0:
		s.found.Skipped = append(s.found.Skipped, shown)
		return position.Document{}, false
	}
	for _, h := range own.own {
		others = append(others, h.line)
	}
	for _, line := range others {
		s.found.Skipped = append(s.found.Skipped, fmt.Sprintf("%s:%d", shown, line))
	}
	return position.Document{Source: shown, Data: data, Objects: objects}, true
}

// unlisted reads a file that its kustomization does not list. It skips files
// that cannot be read.
func (s *surveyor) unlisted(name string) {
	if info, err := fs.Stat(s.folder.fsys, name); err != nil || !info.Mode().IsRegular() || !isManifest(name) {
		return
	}
	data, err := fs.ReadFile(s.folder.fsys, name)
	if err != nil {
		return
	}
	if objects, _, err := manifest.DecodeSome(s.reader.Budget, data); err == nil && len(objects) > 0 {
		s.found.Unlisted = append(s.found.Unlisted, position.Document{Source: s.folder.shown(name), Data: data, Objects: objects})
	}
}

// shown returns a path in the file system of a folder in the form of an
// operand.
func (i Item) shown(name string) string {
	inside := strings.TrimPrefix(strings.TrimPrefix(name, i.root), "/")
	if strings.HasSuffix(i.Name, ":") { // the top of a revision
		return i.Name + inside
	}
	return path.Join(i.Name, inside)
}

// Decode reads the objects of a file that the user named. Documents that are
// not objects are separate errors.
func Decode(budget *limits.Budget, file Item) (d position.Document, incomplete []error, err error) {
	objects, others, err := manifest.DecodeSome(budget, file.Data)
	if err != nil {
		return position.Document{}, nil, fmt.Errorf("%s: %w", file.Name, err)
	}
	for _, line := range others {
		incomplete = append(incomplete, fmt.Errorf("%s: %w", file.Name, manifest.Incomplete(line)))
	}
	return position.Document{Source: file.Name, Data: file.Data, Objects: objects}, incomplete, nil
}

// isTemplate reports whether a file is a template, such as one of Helm.
func isTemplate(data []byte) bool { return bytes.Contains(data, []byte("{{")) }

func looksLikeManifest(data []byte) bool {
	return bytes.Contains(data, []byte("apiVersion")) && bytes.Contains(data, []byte("kind"))
}
