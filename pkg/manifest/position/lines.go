package position

import (
	"bytes"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// Lines finds objects and their fields in a text. The zero value finds none.
type Lines struct{ objects map[manifest.ID]*yaml.Node }

// Read reads a text up to the first YAML error. The text must be within the
// limits of package limits. If objects share an ID, Lines finds the first.
func Read(data []byte) Lines {
	l := Lines{objects: map[manifest.ID]*yaml.Node{}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		if decoder.Decode(&doc) != nil {
			return l
		}
		if len(doc.Content) == 1 {
			l.add(doc.Content[0])
		}
	}
}

func (l Lines) add(n *yaml.Node) {
	n = yamlnode.Resolve(n)
	if items, _ := yamlnode.Get(n, "items"); items != nil && strings.HasSuffix(text(n, "kind"), "List") {
		for _, item := range items.Content {
			l.add(item)
		}
		return
	}
	group, _, found := strings.Cut(text(n, "apiVersion"), "/")
	if !found {
		group = ""
	}
	id := manifest.ID{Group: group, Kind: text(n, "kind"), Namespace: text(n, "metadata", "namespace"), Name: text(n, "metadata", "name")}
	if l.objects[id] == nil {
		l.objects[id] = n
	}
}

// text returns the text at a path of keys, "" if there is none.
func text(n *yaml.Node, path ...string) string {
	if n = yamlnode.At(n, path...); n == nil {
		return ""
	}
	return n.Value
}

// Of returns the line of a field such as spec.tls[0].hosts[1], or of the
// innermost part of it that the text has; 0 if the object is not in the text.
// For "data.ca.crt, line 2" it is the second line of that value.
func (l Lines) Of(id manifest.ID, field string) int {
	n := l.objects[id]
	if n == nil {
		return 0
	}
	line := n.Line
	field, within, _ := strings.Cut(field, ", line ")
	for field != "" {
		var next *yaml.Node
		var nextLine int
		if next, nextLine, field = step(n, field); next == nil {
			break
		}
		n, line = next, nextLine
	}
	if inText, err := strconv.Atoi(within); err == nil && field == "" && n.Style&yaml.LiteralStyle != 0 {
		return n.Line + inText
	}
	return line
}

// step follows the first key or index of a field, and returns the rest of the
// field. Keys may contain dots: it uses the longest existing key.
func step(n *yaml.Node, field string) (next *yaml.Node, line int, rest string) {
	if inside, isIndex := strings.CutPrefix(field, "["); isIndex {
		number, rest, _ := strings.Cut(inside, "]")
		i, err := strconv.Atoi(number)
		if err != nil || n.Kind != yaml.SequenceNode || i < 0 || i >= len(n.Content) {
			return nil, 0, ""
		}
		item := yamlnode.Resolve(n.Content[i])
		return item, item.Line, strings.TrimPrefix(rest, ".")
	}
	best := ""
	for _, p := range yamlnode.Pairs(n) {
		key := yamlnode.Resolve(p.Key)
		after, found := strings.CutPrefix(field, key.Value)
		if found && (after == "" || strings.ContainsAny(after[:1], ".[,")) && (next == nil || len(key.Value) > len(best)) {
			best, next, line = key.Value, yamlnode.Resolve(p.Value), key.Line
		}
	}
	return next, line, strings.TrimPrefix(strings.TrimPrefix(field, best), ".")
}
