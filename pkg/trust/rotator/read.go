package rotator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
)

// Input names the file of a rotation.
type Input struct {
	File   string // source.Stdin for standard input
	Named  bool   // by the user: it may be anywhere, or in a folder. A default must not be a link that leads out of its folder.
	Stdin  io.Reader
	Limits *limits.Budget // nil limits the file alone
}

// Read reads a rotation. It also returns the path of its file, which is another
// than that of the input if that names a folder.
func Read(ctx context.Context, in Input) (file string, r rotation.Rotation, err error) {
	name, data, err := in.read(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return "", rotation.Rotation{}, hint.With(fmt.Errorf("%s: no such file", in.File), "kubectl certs trust rotate --help has an example")
	}
	if err != nil {
		return "", rotation.Rotation{}, err
	}
	file = name
	if in.File == source.Stdin {
		file = in.File
	}
	r, err = rotation.ParseFile(in.Limits, name, data)
	return file, r, err
}

// read returns the document of the rotation, and the name of its file for errors.
func (in Input) read(ctx context.Context) (name string, data []byte, err error) {
	if !in.Named {
		data, err = filetree.ReadBeside(in.File)
		return in.File, data, err
	}
	reader := source.Reader{In: in.Stdin, Budget: in.Limits}
	contents, err := reader.Contents(ctx, []string{in.File}, false)
	if e, ok := errors.AsType[*source.KustomizationError](err); ok {
		err = hint.With(err, e.Folder()+" is a kustomization; a rotation is one file, which -f names")
	}
	if err != nil {
		return "", nil, err
	}
	own, err := contents.One(rotation.Kind)
	switch {
	case err != nil:
		return "", nil, err
	case own == nil || len(contents.Manifests) > 0:
		return "", nil, fmt.Errorf("%s: must contain one object of kind %s, apiVersion %s, and nothing else", in.File, rotation.Kind, rotation.APIVersion)
	}
	return own.Name, own.Data, nil
}
