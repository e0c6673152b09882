package rotation

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// errNoIssuer means that a file has no ca.secretName of an issuer.
var errNoIssuer = errors.New("has no ca.secretName in this file")

// CheckBundle returns an error for a file that must not be rewritten as PEM,
// because it has more than certificates and comments. Own reports whether it has
// comments other than those of trust bundle.
func CheckBundle(data []byte) (own bool, err error) {
	inside := false
	for i, line := range bytes.Split(data, []byte("\n")) {
		text := string(bytes.TrimSpace(line))
		switch {
		case text == "-----BEGIN CERTIFICATE-----":
			inside = true
		case text == "-----END CERTIFICATE-----":
			inside = false
		case inside, text == "":
		case strings.HasPrefix(text, "#"):
			own = own || !strings.Contains(text, ", sha256 ")
		default:
			return false, fmt.Errorf("line %d is neither a certificate nor a comment and would be lost when the bundle is rewritten", i+1)
		}
	}
	return own, nil
}

// switchIssuer returns a manifest or certs.yaml in which an issuer signs with
// its new Secret. It changes nothing else, not even formatting, and returns data
// unchanged if the issuer uses that Secret already.
func switchIssuer(data []byte, issuer Issuer) ([]byte, error) {
	node, err := secretNameIn(data, issuer.Ref)
	if err != nil {
		return nil, err
	}
	if node.Value == issuer.SecretName {
		return data, nil
	}
	edited, ok := replaceScalar(data, node, issuer.SecretName)
	if ok {
		after, err := secretNameIn(edited, issuer.Ref)
		ok = err == nil && after.Value == issuer.SecretName
	}
	if !ok {
		return nil, fmt.Errorf("cannot edit line %d; change the name there to %s", node.Line, issuer.SecretName)
	}
	return edited, nil
}

// secretNameIn returns the only ca.secretName of an issuer in a file.
func secretNameIn(data []byte, issuer usage.Ref) (*yaml.Node, error) {
	var found []*yaml.Node
	for doc, err := range (*limits.Budget)(nil).Documents(data) {
		if err != nil {
			return nil, err
		}
		if n := secretNameOf(doc.Content[0], issuer); n != nil {
			found = append(found, n)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, errNoIssuer
	}
	return nil, fmt.Errorf("duplicate ca.secretName in lines %d and %d", found[0].Line, found[1].Line)
}

// secretNameOf returns the ca.secretName of an issuer in one document: the
// issuer itself or a certs.yaml.
func secretNameOf(doc *yaml.Node, issuer usage.Ref) *yaml.Node {
	if config.IsCertsNode(doc) {
		list := nodeAt(doc, "issuers")
		if list == nil || list.Kind != yaml.SequenceNode {
			return nil
		}
		for _, item := range list.Content {
			kind, namespace := textAt(item, "kind"), textAt(item, "namespace")
			if kind == "" && namespace == "" {
				kind = "ClusterIssuer" // the default in certs.yaml
			} else if kind == "" {
				kind = "Issuer"
			}
			if issuer == (usage.Ref{Kind: kind, Namespace: namespace, Name: textAt(item, "name")}) {
				return scalarAt(item, "ca", "secretName")
			}
		}
		return nil
	}
	ref := usage.Ref{Kind: textAt(doc, "kind"), Namespace: textAt(doc, "metadata", "namespace"), Name: textAt(doc, "metadata", "name")}
	if ref.Namespace == "" && ref.Kind == "Issuer" {
		ref.Namespace = issuer.Namespace // a kustomization may set it
	}
	if ref != issuer || !strings.HasPrefix(textAt(doc, "apiVersion"), "cert-manager.io/") {
		return nil
	}
	return scalarAt(doc, "spec", "ca", "secretName")
}

func nodeAt(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		if n = yamlnode.Own(yamlnode.Resolve(n), key); n == nil {
			return nil
		}
	}
	return n
}

func scalarAt(n *yaml.Node, path ...string) *yaml.Node {
	n = nodeAt(n, path...)
	if n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	return n
}

func textAt(n *yaml.Node, path ...string) string {
	n = scalarAt(n, path...)
	if n == nil {
		return ""
	}
	return n.Value
}

// replaceScalar replaces a scalar in place and keeps its quotes.
func replaceScalar(data []byte, n *yaml.Node, value string) ([]byte, bool) {
	at := 0
	for range n.Line - 1 {
		end := bytes.IndexByte(data[at:], '\n')
		if end < 0 {
			return nil, false
		}
		at += end + 1
	}
	for range n.Column - 1 { // columns are characters
		_, size := utf8.DecodeRune(data[at:])
		at += size
	}
	for _, quote := range []string{"", `"`, `'`} {
		if rest, found := bytes.CutPrefix(data[at:], []byte(quote+n.Value+quote)); found {
			return bytes.Join([][]byte{data[:at], []byte(quote + value + quote), rest}, nil), true
		}
	}
	return nil, false
}
