package project

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// Stdin is the name of a file that is read from Options.Stdin.
const Stdin = "-"

// Options name a certs.yaml and the tree that belongs to it.
type Options struct {
	File  string // the certs.yaml, where Files names none
	Named bool   // by the user: it may be anywhere, while a default must not be a link that leads out of its folder
	// Files are names as -f takes them: files, folders, and Stdin. The certs.yaml
	// among them is recognised by its kind. Folders below those are read too if
	// Recursive is set.
	Files     []string
	Recursive bool

	Dir         string // of the tree; "" is the folder of the certs.yaml
	Environment string // the only one to use; "" is all of them
	Stdin       io.Reader
	Limits      *limits.Budget // nil bounds each file by itself
	Now         time.Time      // when certificates are checked

	// Note takes notes on what was skipped, Report takes findings about CA
	// certificates that do not stop generate, and Progress is called before
	// something that may take long and returns what is called afterwards. Each
	// may be nil.
	Note     func(text string)
	Report   func(finding string)
	Progress func(what string) (done func())
}

// TreeDir returns the folder of the tree. Before a certs.yaml has been read, the
// first of Files stands for it.
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

// reading returns the options for a certs.yaml that has been read.
func (o Options) reading(doc config.Document) Options {
	o.File, o.Files = doc.Name(), nil
	return o
}

func (o Options) progress(what string) (done func()) {
	if o.Progress == nil {
		return func() {}
	}
	return o.Progress(what)
}
