package rotation

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// decoder reads values from YAML nodes, and gathers what is wrong with them.
type decoder struct{ problems []problem.Problem }

func (d *decoder) bad(n *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, problem.Problem{Line: n.Line, Path: path, Rule: fmt.Sprintf(format, args...)})
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// document reads the one document of a file.
func (d *decoder) document(budget *limits.Budget, data []byte) *yaml.Node {
	var root *yaml.Node
	for doc, err := range budget.Documents(data) {
		if err != nil {
			match := yamlLine.FindStringSubmatch(err.Error())
			line, _ := strconv.Atoi(match[1]) // 0 where it says none
			d.bad(&yaml.Node{Line: max(line, 1)}, "", "%s", strings.TrimPrefix(err.Error(), match[0]))
			return nil
		}
		if root != nil {
			d.bad(doc, "", "a second document; one file is one document")
			return nil
		}
		root = doc.Content[0]
	}
	if root == nil {
		d.bad(&yaml.Node{Line: 1}, "", "the file is empty; it starts with apiVersion: %s", APIVersion)
	}
	return root
}

// field is a key of a mapping, and what reads its value.
type field struct {
	name     string
	required bool
	read     func(n *yaml.Node, path string)
}

// mapping reads a mapping whose keys are known.
func (d *decoder) mapping(n *yaml.Node, path string, fields []field) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		d.bad(n, path, "must be a mapping")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		where := strings.TrimPrefix(path+"."+key.Value, ".")
		known := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		switch {
		case known < 0:
			d.bad(key, where, "unknown field; there are %s", fieldNames(fields))
		case seen[key.Value]:
			d.bad(key, where, "given twice")
		default:
			fields[known].read(value, where)
		}
		seen[key.Value] = true
	}
	for _, f := range fields {
		if f.required && !seen[f.name] {
			d.bad(n, strings.TrimPrefix(path+"."+f.name, "."), "missing")
		}
	}
}

func fieldNames(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// listOf reads a list with at least one item.
func listOf[T any](d *decoder, n *yaml.Node, path string, read func(*yaml.Node, string) T) []T {
	n = resolve(n)
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.bad(n, path, "must be a list with at least one entry")
		return nil
	}
	items := make([]T, len(n.Content))
	for i, item := range n.Content {
		items[i] = read(item, path+"["+strconv.Itoa(i)+"]")
	}
	return items
}

func (d *decoder) text(n *yaml.Node, path string) string {
	n = resolve(n)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || n.Value == "" {
		d.bad(n, path, "must be a text")
		return ""
	}
	return n.Value
}

// name reads the name of an object.
func (d *decoder) name(n *yaml.Node, path string) string {
	text := d.text(n, path)
	if text != "" && !usage.IsObjectName(text) {
		d.bad(n, path, "%q: must be a name of lower-case letters, digits, - and .", text)
	}
	return text
}

// only reads one of some words.
func (d *decoder) only(n *yaml.Node, path string, words ...string) string {
	text := d.text(n, path)
	if text != "" && !slices.Contains(words, text) {
		d.bad(n, path, "%q: must be %s", text, strings.Join(words, " or "))
	}
	return text
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// at is the value of a key, the mapping itself where there is none.
func at(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return n
}
