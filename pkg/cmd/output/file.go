package output

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
)

// File is --output-file: the file that takes the result. The zero value is stdout.
type File struct{ Name string }

// AddTo adds the flag to a command.
func (f *File) AddTo(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&f.Name, "output-file", "O", "", "write to this file; it is replaced only on success")
}

// Validate refuses what is not the name of a file.
func (f *File) Validate() error {
	switch {
	case f.Name == "-":
		return errors.New("--output-file -: leave it out to write to stdout")
	case strings.HasSuffix(filepath.ToSlash(f.Name), "/"):
		return fmt.Errorf("--output-file %q: must be a file", f.Name)
	}
	return nil
}

// Write writes the result: to the file, all of it or nothing, or to w if there is
// none. A new file may be read by everyone, 0644.
func (f *File) Write(w io.Writer, data []byte) error {
	if f.Name == "" {
		_, err := w.Write(data)
		return err
	}
	dir, name := filepath.Split(f.Name)
	if err := filetree.Write(filepath.Clean(dir), map[string][]byte{name: data}, nil); err != nil {
		return fmt.Errorf("--output-file %s: %w", f.Name, err)
	}
	return nil
}
