package cmdutil

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
)

// Filenames is --filename with kubectl's meaning: files and folders, - for stdin,
// several of them by giving the flag again. A comma is part of a name, for files
// have such names. It implements pflag.Value.
type Filenames struct {
	Names []string // none if the flag is not given
	first *string
}

// AddTo adds the flag. The usual name is what first holds; it is replaced by the
// first name that is given.
func (f *Filenames) AddTo(cmd *cobra.Command, first *string, usage string) {
	f.first = first
	cmd.Flags().VarP(f, "filename", "f", usage)
}

// String implements pflag.Value.
func (f *Filenames) String() string {
	if len(f.Names) == 0 && f.first != nil {
		return *f.first
	}
	return strings.Join(f.Names, ",")
}

// Type implements pflag.Value.
func (f *Filenames) Type() string { return "strings" }

// Set implements pflag.Value. It refuses what is not a name of a file.
func (f *Filenames) Set(name string) error {
	if err := filetree.CheckName(name); err != nil {
		return err
	}
	f.Names = append(f.Names, name)
	*f.first = f.Names[0]
	return nil
}

// unique returns the names, each once. Cobra sets flags twice when it completes.
func (f *Filenames) unique() []string {
	return slices.Compact(slices.Sorted(slices.Values(f.Names)))
}
