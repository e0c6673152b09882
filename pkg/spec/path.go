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
	index  int // used where key is ""
}

func (p *path) at(key string) *path { return &path{parent: p, key: key} }

func (p *path) item(i int) *path { return &path{parent: p, index: i} }

// String renders issuers[0].acme.server; keys that would not read as such are quoted.
func (p *path) String() string {
	if p == nil {
		return ""
	}
	switch before := p.parent.String(); {
	case p.key == "":
		return before + "[" + strconv.Itoa(p.index) + "]"
	case strings.ContainsAny(p.key, "./[] "):
		return before + "[" + strconv.Quote(p.key) + "]"
	case before == "":
		return p.key
	default:
		return before + "." + p.key
	}
}

// find returns the node at the path, or the nearest one above it that exists.
func (p *path) find(root *yaml.Node) *yaml.Node {
	node, _ := p.lookup(root)
	return node
}

func (p *path) lookup(root *yaml.Node) (node *yaml.Node, exact bool) {
	if p == nil {
		return root, true
	}
	parent, exact := p.parent.lookup(root)
	if !exact {
		return parent, false
	}
	target := resolve(parent)
	if p.key == "" {
		if target.Kind == yaml.SequenceNode && p.index < len(target.Content) {
			return target.Content[p.index], true
		}
		return parent, false
	}
	for _, f := range pairs(target) {
		if f.key.Value == p.key {
			return f.value, true
		}
	}
	return parent, false
}

// line returns where the place is. A mapping or list counts from its key,
// which is a line above it in block style.
func (p *path) line(root *yaml.Node) int {
	node, exact := p.lookup(root)
	if exact && p != nil && p.key != "" {
		for _, f := range pairs(resolve(p.parent.find(root))) {
			if f.key.Value == p.key {
				return f.key.Line
			}
		}
	}
	return node.Line
}

func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}

type pair struct{ key, value *yaml.Node }

// pairs lists the fields of a mapping, those of merge keys (<<) last.
// Fields that the mapping sets itself hide merged ones.
func pairs(node *yaml.Node) []pair {
	if node.Kind != yaml.MappingNode {
		return nil
	}
	own := make([]pair, 0, len(node.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Tag == "!!merge" {
			merged = append(merged, node.Content[i+1])
			continue
		}
		own = append(own, pair{node.Content[i], node.Content[i+1]})
	}
	if len(merged) == 0 {
		return own
	}
	seen := map[string]bool{}
	for _, f := range own {
		seen[f.key.Value] = true
	}
	for _, f := range mergedPairs(merged) {
		if !seen[f.key.Value] {
			seen[f.key.Value] = true
			own = append(own, f)
		}
	}
	return own
}

func mergedPairs(sources []*yaml.Node) []pair {
	var found []pair
	for _, source := range sources {
		source = resolve(source)
		if source.Kind == yaml.SequenceNode {
			found = append(found, mergedPairs(source.Content)...)
			continue
		}
		for i := 0; i+1 < len(source.Content); i += 2 { // one level: a merge within a merge is not followed
			if source.Content[i].Tag != "!!merge" {
				found = append(found, pair{source.Content[i], source.Content[i+1]})
			}
		}
	}
	return found
}
