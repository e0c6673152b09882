package certificates

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/filetree"
)

// PasswordFile is --password-file.
type PasswordFile struct{ file string }

// AddTo adds the flag to a set.
func (f *PasswordFile) AddTo(flags *pflag.FlagSet, usage string) {
	flags.StringVar(&f.file, "password-file", "", usage)
}

// Passwords returns the passwords to try for PKCS#12 and JKS: that of the file,
// none, and changeit.
func (f *PasswordFile) Passwords() ([]string, error) {
	usual := cabundle.UsualPasswords()
	if f.file == "" {
		return usual, nil
	}
	data, err := filetree.ReadFile(f.file)
	if err != nil {
		return nil, fmt.Errorf("--password-file: %w", err)
	}
	return append([]string{strings.TrimRight(string(data), "\r\n")}, usual...), nil
}
