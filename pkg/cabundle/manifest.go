package cabundle

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

var (
	apiVersionLine = regexp.MustCompile(`(?m)^[\s{\-]*"?apiVersion"?\s*:|[{,]\s*"apiVersion"\s*:`)
	kindLine       = regexp.MustCompile(`(?m)^[\s{\-]*"?kind"?\s*:|[{,]\s*"kind"\s*:`)
)

// isManifest tells Kubernetes objects from other text.
func isManifest(text string) bool {
	return strings.Contains(text, "apiVersion") && apiVersionLine.MatchString(text) && kindLine.MatchString(text)
}

// manifest reads the certificates in Secrets, ConfigMaps and any other objects.
func (r *reader) manifest(text string) error {
	for doc, err := range r.budget.Documents([]byte(text)) {
		if err != nil {
			return notYAML(text, err)
		}
		if len(doc.Content) == 1 {
			if err := r.object(doc.Content[0]); err != nil {
				return err
			}
		}
	}
	if len(r.in.Entries)+len(r.in.Findings) > 0 {
		r.binary("a manifest", 0)
	}
	return nil
}

// notYAML is about a text that looks like a manifest. Templates of manifests do
// too, which are foreign unless there are certificates in them.
func notYAML(text string, err error) error {
	if _, isLimit := errors.AsType[*limits.Error](err); isLimit {
		return err
	}
	err = fmt.Errorf("not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	if isPEM(text) || strings.Contains(text, base64Begin) {
		return err
	}
	return foreign{err}
}

// base64Begin is how base64 of a BEGIN line starts.
const base64Begin = "LS0tLS1CRUdJTi"

func (r *reader) object(n *yaml.Node) error {
	kind := scalar(n, "kind")
	switch items := field(n, "items"); {
	case strings.HasSuffix(kind, "List") && items != nil:
		for _, item := range items.Content {
			if err := r.object(item); err != nil {
				return err
			}
		}
		return nil
	case kind == "Secret":
		return r.secret(n)
	case kind == "ConfigMap":
		return r.configMap(n)
	}
	return r.other(n)
}

// other reads objects of any other kind, but for what the API server keeps
// about them: kubectl apply leaves a copy of all of it in an annotation.
func (r *reader) other(n *yaml.Node) error {
	group, _, _ := strings.Cut(scalar(n, "apiVersion"), "/")
	r.typed = typedBundles[group]
	defer func() { r.typed = nil }()
	for key, v := range pairs(n) {
		if key == "metadata" || key == "status" {
			continue
		}
		if err := r.strings(v, key); err != nil {
			return err
		}
	}
	return nil
}

// configMap reads the values of a ConfigMap.
func (r *reader) configMap(n *yaml.Node) error {
	size := 0
	for key, v := range pairs(field(n, "data")) {
		size += len(v.Value)
		if err := r.at(v, "data."+key).text(key, v.Value); err != nil {
			return err
		}
	}
	for key, v := range pairs(field(n, "binaryData")) {
		value := r.at(v, "binaryData."+key)
		raw, ok := value.decoded(v.Value, saysStore(key))
		if !ok {
			continue
		}
		size += len(raw)
		if err := value.text(key, string(raw)); err != nil {
			return err
		}
	}
	r.sizes(n, size)
	return nil
}

// decoded returns what is in base64, or PEM that ought to be; false if it is
// neither, which is told where it matters.
func (r *reader) decoded(text string, matters bool) ([]byte, bool) {
	raw, ok := decodeBase64(text)
	switch {
	case ok:
		return raw, true
	case isPEM(text):
		r.found("T307", 0, "PEM, where base64 of it is expected")
		return []byte(text), true
	case matters:
		r.found("T302", 0, "not base64")
	}
	return nil, false
}

// sizes tells what the API server or kubectl apply will say to an object.
func (r *reader) sizes(n *yaml.Node, data int) {
	if data > MaxObject {
		r.found("T202", n.Line, "%s of data in one object", bytesText(data))
	}
	if size := applied(n); size > maxAnnotation {
		r.found("T203", n.Line, "%s for the annotation of kubectl apply", bytesText(size))
	}
}

// at returns a reader for the value of a node, whose places are in the
// manifest: a line of it in a block of plain text, the node's own otherwise.
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

// text reads a value. Those without certificates are of no concern, unless
// their key says that they have some.
func (r *reader) text(key, value string) error {
	err := r.read([]byte(value))
	switch {
	case errors.Is(err, ErrPassword) && r.locked != nil:
		*r.locked = append(*r.locked, r.where(0, ""))
	case errors.Is(err, ErrPassword), errors.Is(err, errRounds):
		return fmt.Errorf("%s: %w", r.where(0, "").Field, err)
	case err != nil && saysCertificate(key):
		r.found("T303", 0, "%v", err)
	case err == nil && saysPEM(key) && isDER([]byte(value)):
		r.found("T108", 0, "DER, without BEGIN and END")
	}
	return nil
}

// saysStore reports whether a key says that its value holds certificates in
// whatever form, saysCertificate one that anybody can read.
func saysStore(key string) bool {
	switch path.Ext(key) {
	case ".jks", ".p12", ".pfx", ".p7b":
		return true
	}
	return saysCertificate(key)
}

func saysCertificate(key string) bool {
	return saysPEM(key) || path.Ext(key) == ".cer" || path.Ext(key) == ".der"
}

// saysPEM reports whether clients that mount a key take its value for PEM.
func saysPEM(key string) bool { return path.Ext(key) == ".crt" || path.Ext(key) == ".pem" }

// typedBundles are the fields that hold CA certificates and nothing else, by API
// group, and whether in base64.
var typedBundles = map[string]map[string]bool{
	"admissionregistration.k8s.io": {"caBundle": true},
	"apiextensions.k8s.io":         {"caBundle": true},
	"apiregistration.k8s.io":       {"caBundle": true},
	"cert-manager.io":              {"caBundle": true},
	"certificates.k8s.io":          {"trustBundle": false},
	"trust.cert-manager.io":        {"inLine": false},
	"trust-manager.io":             {"inLineCAs": false},
}

// bundle reads the value of a field that is a bundle. What is empty is filled in
// later.
func (r *reader) bundle(text string, encoded bool) error {
	if encoded {
		raw, ok := r.decoded(text, true)
		if !ok {
			return nil
		}
		text = string(raw)
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return r.text("ca.crt", text)
}

// strings reads PEM, and base64 of PEM, anywhere in an object: the CA bundles
// of webhooks, ClusterTrustBundles, trust-manager's Bundles.
func (r *reader) strings(n *yaml.Node, name string) error {
	switch n.Kind {
	case yaml.ScalarNode:
		s := n.Value
		if _, encoding, found := pki.Find(s); found && encoding == pki.Base64 {
			raw, _ := decodeBase64(s)
			s = string(raw)
		}
		if isPEM(s) {
			return r.at(n, name).text("", s)
		}
	case yaml.MappingNode:
		for key, v := range pairs(n) {
			read := r.strings
			if encoded, isBundle := r.typed[key]; isBundle && v.Kind == yaml.ScalarNode && v.ShortTag() != "!!null" {
				read = func(n *yaml.Node, name string) error { return r.at(n, name).bundle(n.Value, encoded) }
			}
			if err := read(v, name+"."+key); err != nil {
				return err
			}
		}
	case yaml.SequenceNode:
		for i, v := range n.Content {
			if err := r.strings(v, fmt.Sprintf("%s[%d]", name, i)); err != nil {
				return err
			}
		}
	}
	return nil
}
