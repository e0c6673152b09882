// Package strictyaml decodes YAML files into Go values by their json tags, and
// reports every mistake with its line; YAML libraries report only the first. It
// has no schema of its own: a Format describes one.
package strictyaml
