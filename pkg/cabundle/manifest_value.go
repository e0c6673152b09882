package cabundle

import (
	"errors"
	"fmt"
	"iter"
	"path"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// decoded decodes base64, or returns PEM that is not encoded. If text is neither,
// it returns false and reports that if it matters.
func (r *reader) decoded(text string, matters bool) ([]byte, bool) {
	raw, ok := decodeBase64(text)
	switch {
	case ok:
		return raw, true
	case isPEM(text):
		r.found("T307", 0, "PEM instead of base64")
		return []byte(text), true
	case matters:
		r.found("T302", 0, "not base64")
	}
	return nil, false
}

// sizes reports objects that are too large for the API server or kubectl apply.
func (r *reader) sizes(n *yaml.Node, data int) {
	if data > MaxObject {
		r.found("T202", n.Line, "%s of data in one object", bytesText(data))
	}
	if size := applied(n); size > maxAnnotation {
		r.found("T203", n.Line, "%s for the annotation of kubectl apply", bytesText(size))
	}
}

// at returns a reader for the value of a node with positions in the manifest: each
// line of a block scalar, or else the line of the node.
func (r *reader) at(n *yaml.Node, field string) *reader {
	value, outer := *r, r.where
	value.value = true
	value.where = func(line int, inner string) finding.Position {
		switch {
		case n.Style&yaml.LiteralStyle != 0 && line > 0:
			return outer(n.Line+line, join(field, inner))
		case line > 1:
			return outer(n.Line, join(field, "line "+strconv.Itoa(line), inner))
		}
		return outer(n.Line, join(field, inner))
	}
	return &value
}

// text reads a value. It reports a value without certificates only if the key is
// that of a certificate.
func (r *reader) text(key, value string) error {
	err := r.nested(r, []byte(value))
	switch {
	case errors.Is(err, ErrPassword) && r.locked != nil:
		*r.locked = append(*r.locked, r.where(0, ""))
	case errors.Is(err, ErrPassword), errors.Is(err, errRounds):
		return fmt.Errorf("%s: %w", r.where(0, "").Field, err)
	case err != nil && isCertificateKey(key):
		r.found("T303", 0, "%v", err)
	case err == nil && isPEMKey(key) && isDER([]byte(value)):
		r.found("T108", 0, "DER, without BEGIN and END")
	}
	return nil
}

// isStoreKey reports whether a key is that of certificates in any form, and
// isCertificateKey of those without a password.
func isStoreKey(key string) bool {
	switch path.Ext(key) {
	case ".jks", ".p12", ".pfx", ".p7b":
		return true
	}
	return isCertificateKey(key)
}

func isCertificateKey(key string) bool {
	return isPEMKey(key) || path.Ext(key) == ".cer" || path.Ext(key) == ".der"
}

// isPEMKey reports whether clients expect PEM under a key.
func isPEMKey(key string) bool { return path.Ext(key) == ".crt" || path.Ext(key) == ".pem" }

// pairs iterates over the keys and values of a mapping. It resolves an alias only
// one level deep, so that aliases cannot multiply.
func pairs(n *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v := n.Content[i+1]
			if v.Kind == yaml.AliasNode && v.Alias.Kind == yaml.ScalarNode {
				v = v.Alias
			}
			if !yield(n.Content[i].Value, v) {
				return
			}
		}
	}
}

// field returns the value of a key, or nil.
func field(n *yaml.Node, key string) *yaml.Node {
	for k, v := range pairs(n) {
		if k == key {
			return v
		}
	}
	return nil
}

// scalar returns the string at a path of keys, or "".
func scalar(n *yaml.Node, path ...string) string {
	for _, key := range path {
		n = field(n, key)
	}
	if n == nil {
		return ""
	}
	return n.Value
}
