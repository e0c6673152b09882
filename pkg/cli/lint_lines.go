package cli

import (
	"bytes"
	"iter"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// entry names an object without its API group.
func entry(id manifest.ID) manifest.ID {
	id.Group = ""
	return id
}

// entryLines finds where a certs.yaml says what becomes an object, by entry. Of
// several that share one it is the first.
func entryLines(doc spec.Document, certs spec.Certs) map[manifest.ID]int {
	lines := map[manifest.ID]int{}
	add := func(list string, i int, kind, namespace, name string) {
		id := manifest.ID{Kind: kind, Namespace: namespace, Name: name}
		if lines[id] == 0 {
			lines[id] = doc.Line(list, i)
		}
	}
	for i, issuer := range certs.Issuers {
		add("issuers", i, string(issuer.Kind), issuer.Namespace, issuer.Name)
	}
	for i, c := range certs.Certificates {
		add("certificates", i, "Certificate", c.Namespace, c.Name)
	}
	for i := range certs.Expose {
		e := &certs.Expose[i]
		add("expose", i, string(e.As), e.Namespace, e.Name)
		add("expose", i, "Certificate", e.CertificateNamespace(), e.SecretName)
		if e.Gateway != nil {
			add("expose", i, "Gateway", e.Gateway.Namespace, e.Gateway.Name)
		}
	}
	return lines
}

// lines finds objects and their fields in the text of a file.
type lines struct{ objects map[manifest.ID]*yaml.Node }

// newLines reads a text, as far as it is YAML.
func newLines(data []byte) *lines {
	l := &lines{objects: map[manifest.ID]*yaml.Node{}}
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

func (l *lines) add(n *yaml.Node) {
	text := func(key ...string) string {
		at := n
		for _, k := range key {
			if at, _ = below(at, k); at == nil {
				return ""
			}
		}
		return at.Value
	}
	if items, _ := below(n, "items"); items != nil && strings.HasSuffix(text("kind"), "List") {
		for _, item := range items.Content {
			l.add(item)
		}
		return
	}
	group, _, found := strings.Cut(text("apiVersion"), "/")
	if !found {
		group = ""
	}
	id := manifest.ID{Group: group, Kind: text("kind"), Namespace: text("metadata", "namespace"), Name: text("metadata", "name")}
	if l.objects[id] == nil {
		l.objects[id] = n
	}
}

// below returns the value of a key, and the line that the key is on.
func below(n *yaml.Node, key string) (*yaml.Node, int) {
	for k, v := range merged(n) {
		if k.Value == key {
			return resolved(v), k.Line
		}
	}
	return nil, 0
}

// merged are the keys and values of a mapping, its own before those that it
// merges.
func merged(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		if n == nil {
			return
		}
		visited := map[*yaml.Node]bool{} // a map that is merged again adds nothing
		stack := []*yaml.Node{n}
		for len(stack) > 0 {
			last := len(stack) - 1
			n := resolved(stack[last])
			stack = stack[:last]
			if n.Kind != yaml.MappingNode || visited[n] {
				continue
			}
			visited[n] = true
			below := len(stack)
			for i := 0; i+1 < len(n.Content); i += 2 {
				k, v := resolved(n.Content[i]), resolved(n.Content[i+1])
				switch {
				case k.Tag == "!!merge" && v.Kind == yaml.SequenceNode:
					stack = append(stack, v.Content...)
				case k.Tag == "!!merge":
					stack = append(stack, v)
				case !yield(k, v):
					return
				}
			}
			slices.Reverse(stack[below:])
		}
	}
}

func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// of returns the line of a field of an object, or of what it is in; 0 where
// the object is not in the text.
func (l *lines) of(id manifest.ID, field string) int {
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

// step follows the first key or index of a field, and returns what is left of
// it. Keys may have dots in them; the longest that is there is meant.
func step(n *yaml.Node, field string) (next *yaml.Node, line int, rest string) {
	if inside, isIndex := strings.CutPrefix(field, "["); isIndex {
		number, rest, _ := strings.Cut(inside, "]")
		i, err := strconv.Atoi(number)
		if err != nil || n.Kind != yaml.SequenceNode || i < 0 || i >= len(n.Content) {
			return nil, 0, ""
		}
		item := resolved(n.Content[i])
		return item, item.Line, strings.TrimPrefix(rest, ".")
	}
	best := ""
	for k, v := range merged(n) {
		after, found := strings.CutPrefix(field, k.Value)
		if found && (after == "" || strings.ContainsAny(after[:1], ".[,")) && (next == nil || len(k.Value) > len(best)) {
			best, next, line = k.Value, resolved(v), k.Line
		}
	}
	return next, line, strings.TrimPrefix(strings.TrimPrefix(field, best), ".")
}
