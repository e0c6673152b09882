package cabundle

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Read returns the certificates of one source, named for places, in whatever
// form it holds them: PEM, DER, PKCS#7, PKCS#12, JKS, a manifest with any of
// these, or base64 of them. The form is told by the content. What is wrong
// with it comes as findings; an error means that there is no reading it at
// all. Exactly one of bundle and error is returned. The error is ErrForeign if
// nothing in the source looks like certificates.
//
// The passwords are tried in turn on PKCS#12 and JKS.
func Read(name string, data []byte, passwords ...string) (Bundle, error) {
	return ReadWithin(nil, name, data, passwords...)
}

// ReadWithin is Read within the budget of a command.
func ReadWithin(budget *limits.Budget, name string, data []byte, passwords ...string) (Bundle, error) {
	r := &reader{budget: budget, passwords: passwords, in: &Bundle{}, rounds: new(int64)}
	r.where = func(line int, field string) finding.Position {
		return finding.Position{Source: name, Line: line, Field: field}
	}
	err := r.read(data)
	if err == nil && len(r.in.Entries) == 0 && len(r.in.Findings) == 0 {
		err = errNothing
	}
	if err != nil {
		return Bundle{}, fmt.Errorf("%s: %w", printable.Line(name), err)
	}
	return *r.in, nil
}

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
}

// maxDepth is more wrappings than anybody means to have.
const maxDepth = 4

func (r *reader) read(data []byte) error {
	if r.depth++; r.depth > maxDepth {
		return errNothing
	}
	defer func() { r.depth-- }()
	if len(bytes.TrimSpace(data)) == 0 {
		return errEmpty
	}
	switch {
	case isJKS(data):
		return r.jks(data)
	case isDER(data):
		return r.der(data)
	}
	text := r.utf8(data)
	switch {
	case !r.value && isManifest(text):
		return r.manifest(text)
	case isPEM(text):
		return r.pem(text)
	}
	return r.base64(text)
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

// base64 reads text that is nothing but base64 of something known.
func (r *reader) base64(text string) error {
	raw, ok := decodeBase64(text)
	if !ok || len(raw) == 0 {
		return errNothing
	}
	inner := *r
	inner.in = &Bundle{}
	first := r.where(1, "")
	inner.where = func(line int, field string) finding.Position {
		p := first
		p.Field = join(p.Field, field)
		return p
	}
	inner.value = true
	if err := inner.read(raw); err != nil {
		return err
	}
	r.wrapped(raw, inner.in.Findings)
	r.in.Entries = append(r.in.Entries, inner.in.Entries...)
	r.in.Findings = append(r.in.Findings, inner.in.Findings...)
	return nil
}

// wrapped tells of base64 around something, once however often it is.
func (r *reader) wrapped(raw []byte, inside []finding.Finding) {
	for i, f := range inside {
		if f.ID == "T107" || f.ID == "T108" {
			inside[i].Reason = strings.Replace(f.Reason, "base64", "base64 of base64", 1)
			return
		}
	}
	switch {
	case isDER(raw):
		r.found("T108", 1, "base64 of DER, without BEGIN and END")
	case isJKS(raw):
		r.found("T107", 1, "base64 of JKS")
	default:
		r.found("T107", 1, "base64 of PEM")
	}
}

func join(parts ...string) string {
	var filled []string
	for _, p := range parts {
		if p != "" {
			filled = append(filled, p)
		}
	}
	return strings.Join(filled, ", ")
}
