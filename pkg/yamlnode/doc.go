// Package yamlnode looks up keys in parsed YAML: it follows aliases and merge
// keys (<<). It does not parse or write YAML.
package yamlnode
