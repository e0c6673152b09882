package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/disk"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
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
	beside      []piece  // files that a kustomization beside them does not list
	skipped     []string // files without manifests
	// certsFiles are certs.yaml files that were merely found: what they stand for
	// is in the tree beside them.
	certsFiles []piece
}

// paths judges what is at some places, each by itself. What cannot be read keeps
// nobody from being told of the rest.
func (l *linter) paths(paths []string, environment string) {
	operands := operandReader{ctx: l.ctx, env: l.env, builder: &overlay.Builder{Limits: l.env.Limits}}
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
		if r.isEmpty() {
			l.failed = append(l.failed, fmt.Errorf("%s: no objects in it", p))
		}
	}
}

// isEmpty reports whether what was read holds no object. A certs.yaml is never
// empty.
func (r *pathReader) isEmpty() bool {
	n := 0
	for _, p := range slices.Concat(r.sides...) {
		n += len(p.objects)
	}
	return len(r.sides) > 0 && n == 0
}

func (r *pathReader) read() error {
	if r.operand == "-" {
		data, err := disk.ReadAll(r.env.In, "stdin")
		return r.takeRead("stdin", data, err)
	}
	if overlay.IsKustomization(r.operand) { // its folder is meant
		r.operand = path.Dir(r.operand)
	}
	if info, err := os.Stat(r.operand); err == nil && !info.IsDir() { // a pipe too
		data, err := disk.ReadFile(r.operand)
		return r.takeRead(r.operand, data, err)
	}
	var err error
	if r.fsys, r.root, err = r.operands.open(r.operand); err != nil {
		return err
	}
	info, err := fs.Stat(r.fsys, r.root)
	if err != nil {
		return fmt.Errorf("%s: %w", r.operand, reason(err))
	}
	if !info.IsDir() {
		data, err := fs.ReadFile(r.fsys, r.root)
		return r.takeRead(r.operand, data, err)
	}
	return r.folder()
}

// takeRead takes in a file, unless reading it failed.
func (r *pathReader) takeRead(source string, data []byte, err error) error {
	if err != nil {
		return err
	}
	return r.take(source, data)
}

// take takes in a file that is named, all of which must be manifests.
func (r *pathReader) take(source string, data []byte) error {
	if isCerts(data) {
		return r.takeCerts(source, data)
	}
	objects, others, err := manifest.DecodeSome(r.env.Limits, data)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", source, err)
	case r.environment != "":
		return fmt.Errorf("%s: -e is for a certs.yaml, and this is none", source)
	case len(objects) == 0:
		return errNoManifests(source)
	}
	for _, line := range others {
		r.failed = append(r.failed, fmt.Errorf("%s: %w", source, manifest.Incomplete(line)))
	}
	r.sides = append(r.sides, []piece{{source, data, objects}})
	return nil
}

// takeCerts judges a certs.yaml that is named as a path.
func (r *pathReader) takeCerts(source string, data []byte) error {
	if strings.HasPrefix(source, "git:") {
		return withHint(fmt.Errorf("%s: a certs.yaml is judged beside the files that it names", source), "check the revision out, or name what it generated, as in "+path.Dir(source)+"/overlays")
	}
	doc, err := parseSpec(r.env.Limits, source, data, nil)
	if err != nil {
		return err
	}
	return r.document(doc, source, r.environment)
}

func errNoManifests(source string) error {
	return withHint(fmt.Errorf("%s: no manifests in it", source), "files of CA certificates are judged by kubectl certs trust inspect")
}

// isCerts reports whether a file is a certs.yaml, be there anything wrong with
// it.
func isCerts(data []byte) bool {
	if !bytes.Contains(data, []byte(spec.APIVersion)) {
		return false
	}
	for doc, err := range (*limits.Budget)(nil).Documents(data) {
		if err != nil {
			return false
		}
		version, _ := below(doc.Content[0], "apiVersion")
		kind, _ := below(doc.Content[0], "kind")
		return version != nil && kind != nil && version.Value == spec.APIVersion && kind.Value == spec.Kind
	}
	return false
}
