package cabundle

import (
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// secret reads the values of a Secret: of a TLS Secret only the CA, where it
// has one; of AKS's own all, as its nodes did.
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
		raw, ok := value.decoded(v.Value, aks || saysStore(key))
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

// retired tells of the Secret that AKS read until its preview ended.
func (r *reader) retired(n *yaml.Node) {
	r.found("T301", n.Line, "Secret %s is of a preview that retired on %s", aksSecret, RetiredOn)
	if namespace := scalar(n, "metadata", "namespace"); namespace != "" && namespace != aksNamespace {
		r.found("T306", n.Line, "Secret %s is in namespace %s, not %s", aksSecret, printable.Line(namespace), aksNamespace)
	}
}

// secretValue reads a value as Kubernetes hands it out.
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

// pairs iterates over the keys and values of a mapping, over nothing otherwise.
// A value that is an alias is what it stands for, one step deep, so that no
// manifest grows by repetition.
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

// field returns the value of a key, nil if there is none.
func field(n *yaml.Node, key string) *yaml.Node {
	for k, v := range pairs(n) {
		if k == key {
			return v
		}
	}
	return nil
}

// scalar returns the text at a path of keys, "" if there is none.
func scalar(n *yaml.Node, path ...string) string {
	for _, key := range path {
		n = field(n, key)
	}
	if n == nil {
		return ""
	}
	return n.Value
}
