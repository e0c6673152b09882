package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

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
	// environment is the one that is asked for, of a certs.yaml.
	environment string
	sides       [][]piece
	skipped     []string // files without manifests
	// certsFiles are certs.yaml files that were merely found: what they stand for
	// is in the tree beside them.
	certsFiles []string
}

// paths judges what is at some places, each by itself. What cannot be read keeps
// nobody from being told of the rest.
func (l *linter) paths(paths []string, environment string) {
	operands := operandReader{ctx: l.ctx, env: l.env, builder: &overlay.Builder{}}
	defer operands.close()
	for _, p := range paths {
		r := &pathReader{linter: l, operands: &operands, operand: filepath.ToSlash(p), environment: environment}
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
		return cmp.Or(err, r.take("stdin", data))
	}
	if overlay.IsKustomization(r.operand) { // its folder is meant
		r.operand = path.Dir(r.operand)
	}
	if info, err := os.Stat(r.operand); err == nil && !info.IsDir() { // a pipe too
		data, err := os.ReadFile(r.operand)
		return cmp.Or(err, r.take(r.operand, data))
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
		return cmp.Or(err, r.take(r.operand, data))
	}
	return r.folder()
}

// take takes in a file that is named, all of which must be manifests.
func (r *pathReader) take(source string, data []byte) error {
	if isCerts(data) {
		return r.takeCerts(source, data)
	}
	objects, others, err := manifest.DecodeSome(data)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", source, err)
	case r.environment != "":
		return fmt.Errorf("%s: -e is for a certs.yaml, and this is none", source)
	case len(objects) == 0:
		return errNoManifests(source)
	}
	for _, line := range others {
		r.failed = append(r.failed, fmt.Errorf("%s: line %d: not a Kubernetes object: apiVersion, kind and metadata.name are needed", source, line))
	}
	r.sides = append(r.sides, []piece{{source, data, objects}})
	return nil
}

// takeCerts judges a certs.yaml that is named as a path.
func (r *pathReader) takeCerts(source string, data []byte) error {
	if strings.HasPrefix(source, "git:") {
		return withHint(fmt.Errorf("%s: a certs.yaml is judged beside the files that it names", source), "check the revision out, or name what it generated, as in "+path.Dir(source)+"/overlays")
	}
	doc, err := parseSpec(source, data, nil)
	if err != nil {
		return err
	}
	return r.document(doc, filepath.Dir(source), r.environment)
}

func errNoManifests(source string) error {
	return withHint(fmt.Errorf("%s: no manifests in it", source), "files of CA certificates are judged by kubectl certs trust inspect")
}

// isCerts reports whether a file is a certs.yaml, be there anything wrong with
// it.
func isCerts(data []byte) bool {
	var head struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
	}
	return bytes.Contains(data, []byte(spec.APIVersion)) && yaml.Unmarshal(data, &head) == nil && head.APIVersion == spec.APIVersion && head.Kind == spec.Kind
}

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

// judge judges each side. Issuers that only other sides have can be asked too,
// where all of these agree on what they are.
func (r *pathReader) judge() {
	var m merger
	everywhere := r.issuers()
	for _, side := range r.sides {
		if r.ctx.Err() != nil {
			r.failed = append(r.failed, r.ctx.Err())
			return
		}
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
	for _, id := range slices.SortedFunc(maps.Keys(first), manifest.ID.Compare) {
		if !torn[id] {
			agreed = append(agreed, first[id])
		}
	}
	return agreed
}
