// Package strictyaml decodes YAML files into Go values by their json tags, and
// reports every mistake with its line instead of the first. No YAML library does
// that. It knows no kind of file: a Format describes one.
package strictyaml
