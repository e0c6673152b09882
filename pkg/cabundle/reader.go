package cabundle

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// ErrPassword means that none of the passwords opens a source.
var ErrPassword = errors.New("none of the given passwords is correct")

var (
	errNothing = fmt.Errorf("no certificate found: %w", ErrForeign)
	errEmpty   = foreign{errors.New("empty")}
)

// reader reads one source, or one value in a manifest.
type reader struct {
	budget    *limits.Budget
	passwords []string
	where     func(line int, field string) finding.Position
	in        *Bundle
	locked    *[]finding.Position // keystores that no password opens; if nil, they are errors
	value     bool                // a value in a manifest, where the form of a file does not matter
	typed     map[string]bool     // fields of the object that are bundles; true for base64
	depth     int                 // of nested base64
	rounds    *int64              // of hashing in the keystores read so far
	// nested reads the content of a value, which may have any form.
	nested func(r *reader, data []byte) error
}

// found adds a finding.
func (r *reader) found(id string, line int, format string, args ...any) {
	r.in.Findings = append(r.in.Findings, finding.Finding{ID: id, Position: r.where(line, ""), Reason: fmt.Sprintf(format, args...)})
}

// binary reports a form other than PEM in a file. In manifests the key determines
// the form.
func (r *reader) binary(form string, line int) {
	if !r.value {
		r.found("T121", line, "%s, not PEM", form)
	}
}

// nth is the position of a certificate in a source without lines.
func nth(i int) string { return "certificate " + strconv.Itoa(i+1) }

func join(parts ...string) string {
	var filled []string
	for _, p := range parts {
		if p != "" {
			filled = append(filled, p)
		}
	}
	return strings.Join(filled, ", ")
}

// certificate adds a certificate, or a finding if it cannot be parsed.
func (r *reader) certificate(der []byte, line int, field string) {
	cert, err := x509.ParseCertificate(der)
	if err == nil {
		r.in.Entries = append(r.in.Entries, Entry{Cert: cert, Position: r.where(line, field)})
		return
	}
	if curve := unknownCurve(der); curve != "" {
		r.in.Findings = append(r.in.Findings, finding.Finding{ID: "T019", Position: r.where(line, field), Reason: "the certificate cannot be parsed: it has an ECDSA key on " + curve})
		return
	}
	r.malformed(line, field, err)
}

func (r *reader) malformed(line int, field string, err error) {
	r.in.Findings = append(r.in.Findings, finding.Finding{ID: "T016", Position: r.where(line, field), Reason: "the certificate cannot be parsed: " + bare(err).Error()})
}

// bare removes the names of Go packages from an error.
func bare(err error) error {
	s := err.Error()
	for _, prefix := range []string{"x509: ", "asn1: ", "pkcs12: "} {
		s = strings.TrimPrefix(s, prefix)
	}
	return errors.New(s)
}
