package spec

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// path is a place in the file, linked to its parent. It costs nothing to make
// and is turned into text or a line only for a problem.
type path struct {
	parent *path
	key    string
	index  int // in a list; -1 for a key
}

func (p *path) at(key string) *path { return &path{parent: p, key: key, index: -1} }

func (p *path) item(i int) *path { return &path{parent: p, index: i} }

// String renders issuers[0].acme.server; keys that would not read as such are quoted.
func (p *path) String() string {
	if p == nil {
		return ""
	}
	switch before := p.parent.String(); {
	case p.index >= 0:
		return before + "[" + strconv.Itoa(p.index) + "]"
	case !isPlainKey(p.key):
		return before + "[" + strconv.Quote(p.key) + "]"
	case before == "":
		return p.key
	default:
		return before + "." + p.key
	}
}

func isPlainKey(key string) bool {
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return r > 'z' || r < '0' && r != '-' || '9' < r && r < 'A' || 'Z' < r && r < 'a' && r != '_'
	})
}

// entry splits the place of a field of an entry, such as expose[1].hosts[0];
// field is "" for a place above one.
func (p *path) entry() (list string, i int, field string) {
	var steps []*path
	for ; p != nil; p = p.parent {
		steps = append(steps, p)
	}
	if len(steps) < 3 {
		return "", 0, ""
	}
	n := len(steps)
	return steps[n-1].key, steps[n-2].index, steps[n-3].key
}

// find returns the node at the path, or the nearest one above it that exists.
func (p *path) find(root *yaml.Node) *yaml.Node {
	node, _, _ := p.lookup(root)
	return node
}

// isGiven reports whether the file has anything at the path.
func (p *path) isGiven(root *yaml.Node) bool {
	_, _, exact := p.lookup(root)
	return exact
}

// line returns where the place is. A mapping or list counts from its key,
// which is a line above it in block style.
func (p *path) line(root *yaml.Node) int {
	_, line, _ := p.lookup(root)
	return line
}

func (p *path) lookup(root *yaml.Node) (node *yaml.Node, line int, exact bool) {
	if p == nil {
		return root, root.Line, true
	}
	parent, line, exact := p.parent.lookup(root)
	if !exact {
		return parent, line, false
	}
	target := resolve(parent)
	if p.index >= 0 {
		if target.Kind == yaml.SequenceNode && p.index < len(target.Content) {
			item := target.Content[p.index]
			return item, item.Line, true
		}
		return parent, parent.Line, false
	}
	for _, f := range pairs(target) {
		if f.key.Value == p.key {
			return f.value, f.key.Line, true
		}
	}
	return parent, parent.Line, false
}

func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}
