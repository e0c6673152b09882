package project

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Stdin is the name of a file that is read from Options.Stdin.
const Stdin = "-"

// Options name a certs.yaml and its tree.
type Options struct {
	File  string // the certs.yaml, if Files has none
	Named bool   // by the user: it may be anywhere. A default must not be a link that leads out of its folder.
	// Files are the operands of -f: files, folders, and Stdin. The certs.yaml
	// among them is recognised by its kind. Recursive includes folders below
	// them.
	Files     []string
	Recursive bool

	Dir         string // of the tree; "" is the folder of the certs.yaml
	Environment string // the only one to use; "" is all of them
	Stdin       io.Reader
	Limits      *limits.Budget // nil limits each file separately
	Now         time.Time      // when certificates are checked

	// Note is called with notes on skipped files, Report with findings about CA
	// certificates that do not stop generate, and Progress before slow
	// operations; it returns a function to call after them. Each may be nil.
	Note     func(text string)
	Report   func(finding string)
	Progress func(what string) (done func())
}

// TreeDir returns the folder of the tree. Before a certs.yaml has been read, it
// uses the first of Files.
func (o Options) TreeDir() string {
	switch {
	case o.Dir != "":
		return o.Dir
	case len(o.Files) == 0:
		return filepath.Dir(o.File)
	}
	if info, err := os.Stat(o.Files[0]); err == nil && info.IsDir() {
		return o.Files[0]
	}
	return filepath.Dir(o.Files[0])
}

// withDocument returns the options for a certs.yaml that has been read.
func (o Options) withDocument(doc config.Document) Options {
	o.File, o.Files = doc.Name(), nil
	return o
}

func (o Options) progress(what string) (done func()) {
	if o.Progress == nil {
		return func() {}
	}
	return o.Progress(what)
}

func (o Options) note(format string, args ...any) {
	if o.Note != nil {
		o.Note(fmt.Sprintf(format, args...))
	}
}
