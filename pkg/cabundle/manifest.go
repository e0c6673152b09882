package cabundle

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

var (
	apiVersionLine = regexp.MustCompile(`(?m)^[\s{\-]*"?apiVersion"?\s*:|[{,]\s*"apiVersion"\s*:`)
	kindLine       = regexp.MustCompile(`(?m)^[\s{\-]*"?kind"?\s*:|[{,]\s*"kind"\s*:`)
)

// isManifest reports whether text looks like Kubernetes objects.
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

// notYAML returns the error for text that looks like a manifest. Templates also
// do. They are foreign, unless they have certificates.
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

// base64Begin is the start of a base64-encoded BEGIN line.
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

// other reads objects of any other kind without metadata and status: kubectl apply
// stores a copy of the object in an annotation.
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
		raw, ok := value.decoded(v.Value, isStoreKey(key))
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

// typedBundles are the fields that hold only CA certificates, by API group; true
// for base64.
var typedBundles = map[string]map[string]bool{
	"admissionregistration.k8s.io": {"caBundle": true},
	"apiextensions.k8s.io":         {"caBundle": true},
	"apiregistration.k8s.io":       {"caBundle": true},
	"cert-manager.io":              {"caBundle": true},
	"certificates.k8s.io":          {"trustBundle": false},
	"trust.cert-manager.io":        {"inLine": false},
	"trust-manager.io":             {"inLineCAs": false},
}

// bundle reads the value of a field that is a bundle. An empty one is filled in
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

// secret reads the values of a Secret: only ca.crt of a TLS Secret that has it, and
// all values of AKS's Secret, as its nodes did.
func (r *reader) secret(n *yaml.Node) error {
	aks := scalar(n, "metadata", "name") == aksSecret
	if aks {
		r.retired(n)
	}
	onlyCA := scalar(n, "type") == "kubernetes.io/tls" && field(field(n, "data"), "ca.crt") != nil
	size := 0
	for key, v := range pairs(field(n, "data")) {
		if onlyCA && key != "ca.crt" {
			continue
		}
		value := r.at(v, "data."+key)
		raw, ok := value.decoded(v.Value, aks || isStoreKey(key))
		if !ok {
			continue
		}
		size += len(raw)
		if err := value.secretValue(key, string(raw), aks); err != nil {
			return err
		}
	}
	for key, v := range pairs(field(n, "stringData")) {
		size += len(v.Value)
		if err := r.at(v, "stringData."+key).secretValue(key, v.Value, aks); err != nil {
			return err
		}
	}
	r.sizes(n, size)
	return nil
}

// retired reports the Secret that AKS read until its preview ended.
func (r *reader) retired(n *yaml.Node) {
	r.found("T301", n.Line, "Secret %s belongs to a preview that was retired on %s", aksSecret, RetiredOn)
	if namespace := scalar(n, "metadata", "namespace"); namespace != "" && namespace != aksNamespace {
		r.found("T306", n.Line, "Secret %s is in namespace %s, not %s", aksSecret, printable.Line(namespace), aksNamespace)
	}
}

// secretValue reads a decoded value of a Secret.
func (r *reader) secretValue(key, value string, aks bool) error {
	if !aks {
		return r.text(key, value)
	}
	if !strings.HasSuffix(key, ".crt") {
		r.found("T304", 0, "the key does not end in .crt")
	}
	before := len(r.in.Entries)
	if err := r.text("ca.crt", value); err != nil {
		return err
	}
	if n := len(r.in.Entries) - before; n > 1 {
		r.found("T305", 0, "%d certificates in one value", n)
	}
	return nil
}
