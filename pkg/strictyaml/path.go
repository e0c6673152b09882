package strictyaml

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// Path is a location in a file, linked to its parent. It is cheap to create:
// its text and line are computed only for a problem. A nil Path is the top.
type Path struct {
	parent *Path
	key    string
	index  int // in a list; -1 for a key
}

// At returns the path of a key below p.
func (p *Path) At(key string) *Path { return &Path{parent: p, key: key, index: -1} }

// Parent returns the path above p, nil for a top-level key.
func (p *Path) Parent() *Path { return p.parent }

// Item returns the path of an entry of the list at p.
func (p *Path) Item(i int) *Path { return &Path{parent: p, index: i} }

// String returns a form such as issuers[0].acme.server, with quotes around
// special keys.
func (p *Path) String() string {
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

// plain returns the path without quotes.
func (p *Path) plain() string {
	if p == nil {
		return ""
	}
	switch before := p.parent.plain(); {
	case p.index >= 0:
		return before + "[" + strconv.Itoa(p.index) + "]"
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

// Entry splits the path of a field of an entry, such as expose[1].hosts[0];
// field is "" for a path above one.
func (p *Path) Entry() (list string, i int, field string) {
	var steps []*Path
	for ; p != nil; p = p.parent {
		steps = append(steps, p)
	}
	if len(steps) < 3 {
		return "", 0, ""
	}
	n := len(steps)
	return steps[n-1].key, steps[n-2].index, steps[n-3].key
}

// Find returns the node at the path, or its nearest existing parent.
func (p *Path) Find(root *yaml.Node) *yaml.Node {
	node, _, _ := p.lookup(root)
	return node
}

// IsGiven reports whether the file has a value at the path.
func (p *Path) IsGiven(root *yaml.Node) bool {
	_, _, exact := p.lookup(root)
	return exact
}

// Line returns the line of the path. For a mapping or list it is the line of
// its key, which is above it in block style.
func (p *Path) Line(root *yaml.Node) int {
	_, line, _ := p.lookup(root)
	return line
}

func (p *Path) lookup(root *yaml.Node) (node *yaml.Node, line int, exact bool) {
	if p == nil {
		return root, root.Line, true
	}
	parent, line, exact := p.parent.lookup(root)
	if !exact {
		return parent, line, false
	}
	target := yamlnode.Resolve(parent)
	if p.index >= 0 {
		if target.Kind == yaml.SequenceNode && p.index < len(target.Content) {
			item := target.Content[p.index]
			return item, item.Line, true
		}
		return parent, parent.Line, false
	}
	for _, f := range yamlnode.Pairs(target) {
		if f.Key.Value == p.key {
			return f.Value, f.Key.Line, true
		}
	}
	return parent, parent.Line, false
}
