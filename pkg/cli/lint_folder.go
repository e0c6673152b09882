package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	tops, files, wrong := overlay.Survey(r.fsys, r.root)
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
	for _, file := range files {
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
	if len(r.certsFiles) > 0 && len(r.sides) > 0 {
		r.env.say("note: not judged here: %s; kubectl certs lint FILE does", some(r.certsFiles))
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
		name := r.certsFiles[0]
		data, err := os.ReadFile(name)
		return cmp.Or(err, r.take(name, data))
	}
	return errNoManifests(r.operand)
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
		r.certsFiles = append(r.certsFiles, r.shown(name))
		return piece{}, false
	}
	objects, others, err := manifest.DecodeSome(data)
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

// reason is what is wrong with a file, without its path.
func reason(err error) error {
	if wrong, ok := errors.AsType[*fs.PathError](err); ok {
		return wrong.Err
	}
	return err
}

// shown is a place as the user would name it.
func (r *pathReader) shown(name string) string {
	return path.Join(r.operand, strings.TrimPrefix(strings.TrimPrefix(name, r.root), "/"))
}

// isTemplate tells Helm's templates and the like from manifests.
func isTemplate(data []byte) bool { return bytes.Contains(data, []byte("{{")) }

func looksLikeManifest(data []byte) bool {
	return bytes.Contains(data, []byte("apiVersion")) && bytes.Contains(data, []byte("kind"))
}
