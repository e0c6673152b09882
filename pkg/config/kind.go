package config

import (
	"bytes"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// IsCerts reports whether a file is a certs.yaml, valid or not. Its first document
// decides.
func IsCerts(data []byte) bool {
	if !bytes.Contains(data, []byte(v1alpha1.APIVersion)) {
		return false
	}
	for doc, err := range (*limits.Budget)(nil).Documents(data) {
		return err == nil && IsCertsNode(doc.Content[0])
	}
	return false
}

// IsCertsNode is IsCerts for the root of a document.
func IsCertsNode(root *yaml.Node) bool {
	root = yamlnode.Resolve(root)
	version, _ := yamlnode.Get(root, "apiVersion")
	kind, _ := yamlnode.Get(root, "kind")
	return version != nil && kind != nil && version.Value == v1alpha1.APIVersion && kind.Value == v1alpha1.Kind
}
