package cabundle

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Read returns the certificates of one source: PEM, DER, PKCS#7, PKCS#12, JKS, a
// manifest with any of these, or base64 of them. It detects the form from the
// content. Name is the source in positions. Problems are findings; an error means
// that the source cannot be read at all. Exactly one of bundle and error is
// returned. The error is ErrForeign if nothing in the source looks like
// certificates.
//
// The passwords are tried in turn on PKCS#12 and JKS.
func Read(name string, data []byte, passwords ...string) (Bundle, error) {
	return ReadWithin(nil, name, data, passwords...)
}

// ReadWithin is Read within the budget of a command.
func ReadWithin(budget *limits.Budget, name string, data []byte, passwords ...string) (Bundle, error) {
	r := newReader(passwords, func(line int, field string) finding.Position {
		return finding.Position{Source: name, Line: line, Field: field}
	})
	r.budget = budget
	err := r.read(data)
	if err == nil && len(r.in.Entries) == 0 && len(r.in.Findings) == 0 {
		err = errNothing
	}
	if err != nil {
		return Bundle{}, fmt.Errorf("%s: %w", printable.Line(name), err)
	}
	return *r.in, nil
}

func newReader(passwords []string, where func(line int, field string) finding.Position) *reader {
	return &reader{passwords: passwords, where: where, in: &Bundle{}, rounds: new(int64), nested: (*reader).read}
}

// maxDepth limits nested base64.
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

// base64 reads text that is base64 of a known form.
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

// wrapped reports base64 around a source, once even if it is nested.
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

// ReadObject returns the certificates in one Kubernetes object of a manifest.
// Positions have only a field, such as data.ca.crt. An object without certificates
// has an empty bundle. Locked are the positions of keystores that no password
// opens.
func ReadObject(object map[string]any, passwords ...string) (b Bundle, locked []finding.Position, err error) {
	if size(object) > maxText {
		return Bundle{}, nil, fmt.Errorf("the object has over %s of text, more than an API server accepts", bytesText(maxText))
	}
	var n yaml.Node
	if err := n.Encode(object); err != nil {
		return Bundle{}, nil, fmt.Errorf("cannot be encoded as YAML: %w", err)
	}
	unplaced(&n)
	r := newReader(passwords, func(_ int, field string) finding.Position { return finding.Position{Field: field} })
	r.locked = &locked
	if err := r.object(&n); err != nil && !errors.Is(err, ErrForeign) {
		return Bundle{}, nil, err
	}
	return *r.in, locked, nil
}

// maxText limits the text of an object, which YAML aliases can multiply. It is far
// more than the API server accepts.
const maxText = 16 * MaxObject

// size returns the number of bytes in all strings.
func size(v any) int {
	n := 0
	switch v := v.(type) {
	case string:
		n = len(v)
	case map[string]any:
		for _, inner := range v {
			n += size(inner)
		}
	case []any:
		for _, inner := range v {
			n += size(inner)
		}
	}
	return n
}

// unplaced removes the style of strings, so that their lines are not counted as
// lines of a file.
func unplaced(n *yaml.Node) {
	n.Style = 0
	for _, inner := range n.Content {
		unplaced(inner)
	}
}
