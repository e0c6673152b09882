package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// folder takes in the kustomizations of a folder, each a side, and the files
// that are in none, as one.
func (r *pathReader) folder() error {
	if r.environment != "" {
		return fmt.Errorf("%s: -e is for a certs.yaml, and this is a folder", r.operand)
	}
	tops, files, wrong := overlay.Survey(r.env.Limits, r.fsys, r.root)
	for _, err := range wrong {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = fmt.Errorf("%s: %w", r.shown(at.Path), at.Err)
		}
		r.failed = append(r.failed, err)
	}
	var elsewhere []string // what takes more than files
	for _, top := range tops {
		dir := top.Dir
		if top.Needs != "" {
			elsewhere = append(elsewhere, fmt.Sprintf("%s (%s)", r.shown(dir), top.Needs))
			continue
		}
		done := r.env.progress("building " + r.shown(dir))
		objects, err := r.operands.builder.Build(r.fsys, dir)
		done()
		if err != nil {
			r.failed = append(r.failed, fmt.Errorf("%s: %w", r.shown(dir), err))
			continue
		}
		r.sides = append(r.sides, []piece{{source: r.shown(dir), objects: objects}})
	}
	var loose []piece
	for _, file := range files.Loose {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if p, there := r.file(file); there {
			loose = append(loose, p)
		}
	}
	if len(loose) > 0 {
		r.sides = append(r.sides, loose)
	}
	for _, file := range files.Unlisted {
		r.unlisted(file)
	}
	if len(r.certsFiles) > 0 && len(r.sides) > 0 {
		r.env.say("note: not judged here: %s; kubectl certs lint FILE does", some(sources(r.certsFiles)))
	}
	if len(elsewhere) > 0 {
		r.env.say("note: not judged: %s with more than files here; pipe in what it builds to: %s", count(len(elsewhere), "kustomization"), some(elsewhere))
	}
	switch {
	case r.ctx.Err() != nil || len(r.sides)+len(r.failed) > 0:
		return r.ctx.Err()
	case len(elsewhere) > 0:
		return fmt.Errorf("%s: nothing in it can be judged", r.operand)
	case len(r.certsFiles) == 1:
		return r.takeCerts(r.certsFiles[0].source, r.certsFiles[0].data)
	case len(r.certsFiles) > 1:
		return withHint(fmt.Errorf("%s: several certs.yaml and nothing else", r.operand), "kubectl certs lint "+strings.Join(sources(r.certsFiles), " "))
	}
	return errNoManifests(r.operand)
}

func sources(pieces []piece) []string {
	names := make([]string, len(pieces))
	for i, p := range pieces {
		names[i] = p.source
	}
	return names
}

// file reads a file that was merely found, false where nothing in it is judged.
func (r *pathReader) file(name string) (piece, bool) {
	if !isManifest(name) {
		return piece{}, false
	}
	if info, err := fs.Stat(r.fsys, name); err == nil && !info.Mode().IsRegular() {
		r.skipped = append(r.skipped, r.shown(name))
		return piece{}, false
	}
	data, err := fs.ReadFile(r.fsys, name)
	if err != nil {
		r.failed = append(r.failed, fmt.Errorf("%s: %w", r.shown(name), reason(err)))
		return piece{}, false
	}
	if isCerts(data) {
		r.certsFiles = append(r.certsFiles, piece{source: r.shown(name), data: data})
		return piece{}, false
	}
	objects, others, err := manifest.DecodeSome(r.env.Limits, data)
	switch {
	case err != nil && !isTemplate(data) && looksLikeManifest(data):
		r.failed = append(r.failed, fmt.Errorf("%s: %w", r.shown(name), err))
		return piece{}, false
	case err != nil || len(objects) == 0:
		r.skipped = append(r.skipped, r.shown(name))
		return piece{}, false
	}
	for _, line := range others {
		r.skipped = append(r.skipped, fmt.Sprintf("%s:%d", r.shown(name), line))
	}
	return piece{r.shown(name), data, objects}, true
}

// unlisted takes in a file beside a kustomization that does not list it. Nobody
// applies it, but a key in it is in Git all the same.
func (r *pathReader) unlisted(name string) {
	if info, err := fs.Stat(r.fsys, name); err != nil || !info.Mode().IsRegular() || !isManifest(name) {
		return
	}
	data, err := fs.ReadFile(r.fsys, name)
	if err != nil {
		return
	}
	if objects, _, err := manifest.DecodeSome(r.env.Limits, data); err == nil && len(objects) > 0 {
		r.beside = append(r.beside, piece{r.shown(name), data, objects})
	}
}

// reason is what is wrong with a file, without its path.
func reason(err error) error {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return wrong.Err
	}
	return err
}

// shown is a place as the user would name it.
func (r *pathReader) shown(name string) string {
	inside := strings.TrimPrefix(strings.TrimPrefix(name, r.root), "/")
	if strings.HasSuffix(r.operand, ":") { // the top of a revision
		return r.operand + inside
	}
	return path.Join(r.operand, inside)
}

// isTemplate tells Helm's templates and the like from manifests.
func isTemplate(data []byte) bool { return bytes.Contains(data, []byte("{{")) }

func looksLikeManifest(data []byte) bool {
	return bytes.Contains(data, []byte("apiVersion")) && bytes.Contains(data, []byte("kind"))
}
