package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// errNotSimple means that kustomize must build, or report what is wrong.
var errNotSimple = errors.New("not a simple kustomization")

// simpleKustomization has the fields of a kustomization that the Builder builds
// itself.
type simpleKustomization struct {
	resources []string
	patches   []string
}

func readSimple(fsys fs.FS, dir string) (simpleKustomization, error) {
	var k simpleKustomization
	data, err := readKustomization(fsys, dir)
	if err != nil {
		return k, err
	}
	root, err := parseMapping(data)
	if err != nil {
		return k, err
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		switch {
		case key == "apiVersion" || key == "kind" && value.Value == "Kustomization":
		case key == "metadata" && hasOnlySet(value):
		case value.Kind != yaml.SequenceNode:
			return k, errNotSimple
		case key == "resources":
			for _, entry := range value.Content {
				if entry.Kind != yaml.ScalarNode {
					return k, errNotSimple
				}
				k.resources = append(k.resources, entry.Value)
			}
		case key == "configurations":
			if !allNameReferences(fsys, dir, value.Content) {
				return k, errNotSimple
			}
		case key == "patches":
			for _, entry := range value.Content {
				if entry.Kind != yaml.MappingNode || len(entry.Content) != 2 || entry.Content[1].Kind != yaml.ScalarNode || entryPath(entry) == "" {
					return k, errNotSimple
				}
				k.patches = append(k.patches, entryPath(entry))
			}
		default:
			return k, errNotSimple
		}
	}
	return k, nil
}

// hasOnlySet reports whether metadata is what generate writes.
func hasOnlySet(metadata *yaml.Node) bool {
	set := yamlnode.At(metadata, "annotations", v1alpha1.SetLabel)
	return set != nil && set.Tag == "!!str" && len(metadata.Content) == 2 && len(yamlnode.At(metadata, "annotations").Content) == 2
}

func readKustomization(fsys fs.FS, dir string) ([]byte, error) {
	var found []byte
	for _, name := range kustomizationNames {
		data, err := fs.ReadFile(fsys, path.Join(dir, name))
		if err != nil {
			continue
		}
		if found != nil {
			return nil, errNotSimple
		}
		found = data
	}
	if found == nil {
		return nil, errNotSimple
	}
	return found, nil
}

// allNameReferences reports whether configurations have only nameReference,
// which has no effect if no names change.
func allNameReferences(fsys fs.FS, dir string, files []*yaml.Node) bool {
	for _, file := range files {
		data, err := fs.ReadFile(fsys, path.Join(dir, file.Value))
		if file.Value != namesFile || err != nil || OriginOf(data) != Ours {
			return false
		}
	}
	return true
}

// noLinks is a file system that does not follow links, for which kustomize has
// its own rules.
type noLinks struct{ fs.FS }

// Stat implements fs.StatFS.
func (n noLinks) Stat(name string) (fs.FileInfo, error) { return fs.Stat(n.FS, name) }

// ReadFile implements fs.ReadFileFS.
func (n noLinks) ReadFile(name string) ([]byte, error) {
	if real, err := resolve(n.FS, name); err == nil && real != name {
		return nil, errNotSimple
	}
	return fs.ReadFile(n.FS, name)
}

// SetOf reads the set from the kustomization in a folder, "" if it has none.
func SetOf(fsys fs.FS, dir string) (string, error) {
	for _, name := range kustomizationNames {
		data, err := fs.ReadFile(fsys, path.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		root, err := parseMapping(data)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path.Join(dir, name), err)
		}
		if value := yamlnode.At(root, "metadata", "annotations", v1alpha1.SetLabel); value != nil {
			return value.Value, nil
		}
		return "", nil
	}
	return "", nil
}
