package rotation

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// Edit is the change of files in a step.
type Edit struct {
	Writes  map[string][]byte // by path relative to the folder of the rotation's file
	Changes []string          // one line for each change
}

// Next returns the edit of the current step, without Writes if there is nothing
// to write. Read returns the contents of a file of the rotation. The error lists
// all problems.
func (r Rotation) Next(f Facts, s Status, read func(name string) ([]byte, error)) (Edit, error) {
	switch {
	case s.Bundle != nil:
		return r.writeBundle(f.Bundle, s.Bundle), nil
	case s.Step == Switch:
		return switchIssuers(f.Switchable(), read)
	}
	return Edit{}, nil
}

func (r Rotation) writeBundle(before, after []*x509.Certificate) Edit {
	entries := make([]cabundle.Entry, len(after))
	for i, c := range after {
		entries[i] = cabundle.Entry{Cert: c}
	}
	edit := Edit{Writes: map[string][]byte{r.Bundle: cabundle.Encode(cabundle.Normalise(entries), cabundle.Generic)}}
	for _, c := range pki.Without(before, after) {
		edit.Changes = append(edit.Changes, fmt.Sprintf("%s: - %s", r.Bundle, pki.Identity(c)))
	}
	for _, c := range pki.Without(after, before) {
		edit.Changes = append(edit.Changes, fmt.Sprintf("%s: + %s", r.Bundle, pki.Identity(c)))
	}
	return edit
}

// switchIssuers edits the files of issuers. A file may have several issuers.
func switchIssuers(issuers []Issuer, read func(name string) ([]byte, error)) (Edit, error) {
	edit := Edit{Writes: map[string][]byte{}}
	files := map[string][]byte{}
	var wrong []error
	for _, issuer := range issuers {
		before, known := files[issuer.File]
		if !known {
			var err error
			if before, err = read(issuer.File); err != nil {
				wrong = append(wrong, fileError(issuer.File, err))
				continue
			}
		}
		after, err := switchIssuer(before, issuer)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %s: %w", issuer.File, issuer.Ref, err))
			continue
		}
		files[issuer.File] = after
		if string(after) != string(before) {
			edit.Writes[issuer.File] = after
			edit.Changes = append(edit.Changes, fmt.Sprintf("%s: %s signs with %s", issuer.File, issuer.Ref, issuer.SecretName))
		}
	}
	if len(wrong) > 0 {
		return Edit{}, problem.Join(wrong...)
	}
	return edit, nil
}

func fileError(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file", name)
	}
	return err
}
