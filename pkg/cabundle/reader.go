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
var ErrPassword = errors.New("no password that was tried opens it")

var (
	errNothing = fmt.Errorf("no certificate in it: %w", ErrForeign)
	errEmpty   = foreign{errors.New("empty")}
)

// reader reads one source, or one value in a manifest.
type reader struct {
	budget    *limits.Budget
	passwords []string
	where     func(line int, field string) finding.Position
	in        *Bundle
	locked    *[]finding.Position // of key stores that no password opens; nil makes them errors
	value     bool                // inside a manifest, where the form of a file does not matter
	typed     map[string]bool     // fields of the object that are bundles, and whether in base64
	depth     int                 // of base64 and other wrappings
	rounds    *int64              // of hashing that the key stores so far ask for
	// nested reads what is inside a value, which may be of any form again.
	nested func(r *reader, data []byte) error
}

// found tells of something in a source.
func (r *reader) found(id string, line int, format string, args ...any) {
	r.in.Findings = append(r.in.Findings, finding.Finding{ID: id, Position: r.where(line, ""), Reason: fmt.Sprintf(format, args...)})
}

// binary tells of a form that is not text, and only in files: values in
// manifests are what their key says.
func (r *reader) binary(form string, line int) {
	if !r.value {
		r.found("T121", line, "%s, not PEM", form)
	}
}

// nth names the place of a certificate in a source without lines.
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

// certificate adds a certificate, or tells what is wrong with it.
func (r *reader) certificate(der []byte, line int, field string) {
	cert, err := x509.ParseCertificate(der)
	if err == nil {
		r.in.Entries = append(r.in.Entries, Entry{Cert: cert, Place: r.where(line, field)})
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

// bare takes the names of Go packages off an error.
func bare(err error) error {
	s := err.Error()
	for _, prefix := range []string{"x509: ", "asn1: ", "pkcs12: "} {
		s = strings.TrimPrefix(s, prefix)
	}
	return errors.New(s)
}
