package overlay

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// Kustomization has the entries that a kustomization.yaml must list. Everything
// else in the file belongs to the user.
type Kustomization struct {
	Resources      []string
	Configurations []string
	Patches        []string // files of strategic merge patches
	// Set is the set of the objects, in an annotation of the kustomization, which
	// reaches no object; "" for none.
	Set string
}

// kustomizationFile is the name of new files; kustomize reads the other names
// too.
const kustomizationFile = "kustomization.yaml"

var kustomizationNames = []string{kustomizationFile, "kustomization.yml", "Kustomization"}

// Render writes a new kustomization.yaml, marked as generated.
func (k Kustomization) Render() []byte {
	root := &yaml.Node{Kind: yaml.MappingNode}
	put(root, "apiVersion", text("kustomize.config.k8s.io/v1beta1"))
	put(root, "kind", text("Kustomization"))
	if k.Set != "" {
		put(root, "metadata", k.metadata())
	}
	for _, l := range k.lists() {
		if len(l.desired) > 0 {
			put(root, l.key, &yaml.Node{Kind: yaml.SequenceNode, Content: l.desired})
		}
	}
	return sign(kustomizationLine, encode(root))
}

func (k Kustomization) metadata() *yaml.Node {
	metadata := &yaml.Node{Kind: yaml.MappingNode}
	put(metadata, "annotations", k.annotations())
	return metadata
}

func (k Kustomization) annotations() *yaml.Node {
	annotations := &yaml.Node{Kind: yaml.MappingNode}
	put(annotations, v1alpha1.SetLabel, text(k.Set))
	return annotations
}

// entries is one list of a kustomization with the entries that must be in it.
type entries struct {
	key     string
	desired []*yaml.Node
}

func (k Kustomization) lists() []entries {
	var patches []*yaml.Node
	for _, file := range k.Patches {
		node := &yaml.Node{Kind: yaml.MappingNode}
		put(node, "path", text(file))
		patches = append(patches, node)
	}
	return []entries{
		{"resources", texts(k.Resources)},
		{"configurations", texts(k.Configurations)},
		{"patches", patches},
	}
}

// entryPath is the file or folder that an entry names.
func entryPath(entry *yaml.Node) string {
	if entry.Kind == yaml.ScalarNode {
		return entry.Value
	}
	if value := yamlnode.Own(entry, "path"); value != nil {
		return value.Value
	}
	return ""
}

func encode(root *yaml.Node) []byte {
	var buf bytes.Buffer
	enc := yaml.NewEncoder(&buf)
	enc.SetIndent(2)
	enc.CompactSeqIndent()
	if err := enc.Encode(root); err != nil {
		panic("overlay: encode: " + err.Error()) // nodes that were built here or parsed
	}
	return buf.Bytes()
}

func text(s string) *yaml.Node {
	node := &yaml.Node{}
	node.SetString(s)
	return node
}

func texts(list []string) []*yaml.Node {
	nodes := make([]*yaml.Node, len(list))
	for i, s := range list {
		nodes[i] = text(s)
	}
	return nodes
}

func put(mapping *yaml.Node, key string, value *yaml.Node) {
	if i := yamlnode.Index(mapping, key); i >= 0 {
		mapping.Content[i+1] = value
		return
	}
	mapping.Content = append(mapping.Content, text(key), value)
}

func remove(mapping *yaml.Node, key string) {
	if i := yamlnode.Index(mapping, key); i >= 0 {
		mapping.Content = slices.Delete(mapping.Content, i, i+2)
	}
}
