package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// NotFoundError means that there is no certs.yaml.
type NotFoundError struct {
	Err   error
	Named bool // the user names the file

	other string // a certs.yaml of another name in the folder, "" for none
}

func (e *NotFoundError) Error() string {
	if e.Named {
		return e.Err.Error()
	}
	const text = "no certs.yaml in this folder, or above it in a Git repository"
	if e.other != "" {
		return text + "; did you mean " + e.other + "? name it with -f"
	}
	return text
}

// Unwrap returns the error of the file system.
func (e *NotFoundError) Unwrap() error { return e.Err }

// Parse reads the certs.yaml. Additional manifests are an error. The error is a
// *NotFoundError if there is none, and a *problem.Error for its content.
func Parse(o Options) (config.Document, error) {
	in, err := Read(context.Background(), o)
	if err != nil {
		return config.Document{}, err
	}
	var errs []error
	for _, d := range in.Manifests {
		for _, object := range d.Objects[:min(1, len(d.Objects))] {
			errs = append(errs, fmt.Errorf("%s: unexpected %s; only kind %s of %s is supported here", d.Source, object.ID(), v1alpha1.Kind, v1alpha1.APIVersion))
		}
	}
	if in.Certs == nil && len(errs) == 0 {
		errs = append(errs, o.empty())
	}
	if err := problem.Join(errs...); err != nil {
		return config.Document{}, err
	}
	return *in.Certs, nil
}

// Input has the files that the options name.
type Input struct {
	Certs     *config.Document // nil if there are only manifests
	Manifests []position.Document
}

// Read reads certs.yaml and additional manifests. The error is that of Parse.
func Read(ctx context.Context, o Options) (Input, error) {
	if len(o.Files) > 0 {
		return o.readFiles(ctx)
	}
	name, data, err := o.readFile()
	if err != nil {
		return Input{}, notFound(err, o.Named)
	}
	doc, err := config.Parse(o.Limits, name, data)
	return Input{Certs: &doc}, err
}

func (o Options) readFiles(ctx context.Context) (Input, error) {
	reader := source.Reader{In: o.Stdin, Budget: o.Limits, Progress: o.Progress}
	defer reader.Close()
	contents, err := reader.Contents(ctx, o.Files, o.Recursive)
	if err != nil {
		if len(o.Files) == 1 {
			err = notFound(err, true)
		}
		return Input{}, err
	}
	in := Input{Manifests: contents.Manifests}
	own, err := contents.One(v1alpha1.Kind)
	switch {
	case err != nil:
		return Input{}, err
	case own == nil && len(in.Manifests) == 0:
		return Input{}, o.empty()
	case own == nil:
		return in, nil
	}
	doc, err := config.Parse(o.Limits, own.Name, own.Data)
	in.Certs = &doc
	return in, err
}

func (o Options) empty() error {
	return fmt.Errorf("%s: no objects in it", strings.Join(o.Files, ", "))
}

func notFound(err error, named bool) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &NotFoundError{err, named, otherCerts()}
	}
	return err
}

// otherCerts returns a certs.yaml of another name in the working folder, "" if there
// is none.
func otherCerts() string {
	for _, pattern := range []string{"*.yml", "*.yaml"} {
		names, _ := filepath.Glob(pattern) // the pattern is valid
		for _, name := range names {
			if IsCerts(name) {
				return name
			}
		}
	}
	return ""
}

// IsCerts reports whether a path is that of a certs.yaml, valid or not.
func IsCerts(name string) bool {
	data, err := filetree.ReadFile(name)
	return err == nil && config.IsCerts(data)
}

// readFile returns the content of File, and its name for errors.
func (o Options) readFile() (name string, data []byte, err error) {
	switch {
	case o.File == Stdin:
		data, err = filetree.ReadAll(o.Stdin, "stdin")
		return "stdin", data, err
	case o.Named:
		data, err = filetree.ReadFile(o.File)
	default:
		data, err = filetree.ReadBeside(o.File)
	}
	return o.File, data, err
}
