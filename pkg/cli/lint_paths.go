package cli

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// piece are the objects of one file, or of one kustomization.
type piece struct {
	source  string // as the user would name it
	data    []byte // of a file
	objects []manifest.Object
}

// pathReader reads what is at one path: sides that are each judged by
// themselves.
type pathReader struct {
	*linter
	operands *operandReader
	fsys     fs.FS
	root     string // in fsys
	operand  string // as the user named it
	sides    [][]piece
	skipped  []string // files without manifests
}

// paths judges what is at some places, each by itself. What cannot be read keeps
// nobody from being told of the rest.
func (l *linter) paths(paths []string) {
	operands := operandReader{ctx: l.ctx, env: l.env, builder: &overlay.Builder{}}
	defer operands.close()
	for _, p := range paths {
		r := &pathReader{linter: l, operands: &operands, operand: filepath.ToSlash(p)}
		if err := r.read(); err != nil {
			l.failed = append(l.failed, err)
			continue
		}
		if len(r.skipped) > 0 {
			l.env.say("note: skipped %s without manifests: %s", count(len(r.skipped), "file"), some(r.skipped))
		}
		r.judge()
	}
}

func (r *pathReader) read() error {
	if r.operand == "-" {
		data, err := io.ReadAll(r.env.In)
		if err == nil {
			err = r.take("stdin", data)
		}
		return err
	}
	var err error
	if r.fsys, r.root, err = r.operands.open(r.operand); err != nil {
		return err
	}
	info, err := fs.Stat(r.fsys, r.root)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		data, err := fs.ReadFile(r.fsys, r.root)
		if err == nil {
			err = r.take(r.operand, data)
		}
		return err
	}
	return r.folder()
}

// take takes in a file that is named, which must have manifests.
func (r *pathReader) take(source string, data []byte) error {
	objects, _, err := manifest.DecodeSome(data)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", source, err)
	case len(objects) == 0:
		return withHint(fmt.Errorf("%s: no manifests in it", source), "files of CA certificates are judged by kubectl certs trust inspect")
	case len(objects) == 1 && isCerts(objects[0]) && r.fsys != nil:
		return r.certs(projectFlags{file: r.operand})
	}
	r.sides = append(r.sides, []piece{{source, data, objects}})
	return nil
}

func isCerts(o manifest.Object) bool {
	return o["apiVersion"] == spec.APIVersion && o.Kind() == spec.Kind
}

// folder takes in the kustomizations of a folder, each a side, and the files
// that are in none, as one.
func (r *pathReader) folder() error {
	tops, files, err := overlay.Survey(r.fsys, r.root)
	if err != nil {
		return err
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
	if len(elsewhere) > 0 {
		r.env.say("note: not judged: %s with more than files here; pipe in what it builds to: %s", count(len(elsewhere), "kustomization"), some(elsewhere))
	}
	if len(r.sides)+len(r.failed)+len(elsewhere) == 0 {
		return withHint(fmt.Errorf("%s: no manifests in it", r.operand), "files of CA certificates are judged by kubectl certs trust inspect")
	}
	return r.ctx.Err()
}

// file reads a file that was merely found, false where nothing in it is judged.
func (r *pathReader) file(name string) (piece, bool) {
	if !isManifest(name) {
		return piece{}, false
	}
	data, err := fs.ReadFile(r.fsys, name)
	if err != nil {
		r.failed = append(r.failed, fmt.Errorf("%s: %w", r.shown(name), err))
		return piece{}, false
	}
	objects, _, err := manifest.DecodeSome(data)
	switch {
	case err != nil && !isTemplate(data) && looksLikeManifest(data):
		r.failed = append(r.failed, fmt.Errorf("%s: %w", r.shown(name), err))
		return piece{}, false
	case err != nil || len(objects) == 0:
		r.skipped = append(r.skipped, r.shown(name))
		return piece{}, false
	case len(objects) == 1 && isCerts(objects[0]):
		return piece{}, false
	}
	return piece{r.shown(name), data, objects}, true
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

// judge judges each side. Issuers that only other sides have can be asked too,
// where all of these agree on what they are.
func (r *pathReader) judge() {
	var m merger
	everywhere := r.issuers()
	for _, side := range r.sides {
		var objects []manifest.Object
		var from []int // the piece of each object
		for i, p := range side {
			for _, o := range p.objects {
				objects, from = append(objects, o), append(from, i)
			}
		}
		m.side(side[0].source)
		m.count(objects)
		texts := map[int]*lines{}
		for _, f := range lint.Judge(objects, everywhere, r.now) {
			p := side[from[f.Index]]
			at := located{Finding: f, source: p.source, built: p.data == nil}
			if texts[from[f.Index]] == nil {
				texts[from[f.Index]] = newLines(p.data)
			}
			at.line = texts[from[f.Index]].of(objects[f.Index].ID(), f.Field)
			m.add(at)
		}
	}
	r.found, r.linter.objects = append(r.found, m.done()...), r.linter.objects+len(m.objects)
}

// issuers are those of all sides of which there is only one.
func (r *pathReader) issuers() []manifest.Issuer {
	if len(r.sides) < 2 {
		return nil
	}
	first := map[manifest.ID]manifest.Issuer{}
	torn := map[manifest.ID]bool{}
	for _, side := range r.sides {
		for _, p := range side {
			found, _ := manifest.Issuers(p.objects) // what is wrong with them is told where they are judged
			for _, i := range found {
				id := manifest.ID{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
				if before, known := first[id]; known && !reflect.DeepEqual(before.Spec, i.Spec) {
					torn[id] = true
				}
				first[id] = i
			}
		}
	}
	var agreed []manifest.Issuer
	for id, i := range first {
		if !torn[id] {
			agreed = append(agreed, i)
		}
	}
	return agreed
}
