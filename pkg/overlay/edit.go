package overlay

import (
	"bytes"
	"errors"
	"fmt"
	pathpkg "path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// Edit adds missing entries to a kustomization.yaml of the user, and removes
// those that stale reports as ours and outdated. It keeps the rest: order,
// comments, and, as far as lines can be inserted and removed, every byte. It
// returns its input if there is nothing to change.
func (k Kustomization) Edit(data []byte, stale func(entry string) bool) ([]byte, error) {
	doc, err := parseDocument(data)
	if err != nil {
		return nil, err
	}
	e := editor{data: data, doc: doc, root: doc.Content[0]}
	if k.Set != "" {
		if err := e.annotate(k); err != nil {
			return nil, err
		}
	}
	for _, list := range k.lists() {
		if err := e.list(list, stale); err != nil {
			return nil, err
		}
	}
	return e.result()
}

// parseMapping reads the mapping of a kustomization.
func parseMapping(data []byte) (*yaml.Node, error) {
	doc, err := parseDocument(data)
	if err != nil {
		return nil, err
	}
	return doc.Content[0], nil
}

// parseDocument reads the document of a kustomization; an empty file is an
// empty mapping.
func parseDocument(data []byte) (*yaml.Node, error) {
	var doc *yaml.Node
	for next, err := range (*limits.Budget)(nil).Documents(data) {
		switch {
		case doc != nil:
			return nil, errors.New("more than one document")
		case err != nil:
			return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
		}
		doc = next
	}
	if doc == nil {
		doc = &yaml.Node{}
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		doc.Kind, doc.Content = yaml.DocumentNode, []*yaml.Node{{Kind: yaml.MappingNode}}
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: not a map", root.Line)
	}
	seen := map[string]bool{}
	for i := 0; i < len(root.Content); i += 2 {
		key := root.Content[i]
		if key.Kind != yaml.ScalarNode || key.Value == "" {
			return nil, fmt.Errorf("line %d: a key must be plain text", key.Line)
		}
		if seen[key.Value] {
			return nil, fmt.Errorf("line %d: duplicate key %s", key.Line, key.Value)
		}
		seen[root.Content[i].Value] = true
	}
	return doc, nil
}

// editor makes each change twice: to the nodes, which define the result, and to
// the lines of the text, which keep its form.
type editor struct {
	data    []byte
	doc     *yaml.Node // the root and the comments around it
	root    *yaml.Node
	changed bool
	splices []splice
}

// splice replaces some lines, counted from 1, with text.
type splice struct {
	line, count int
	text        string
}

func (e *editor) list(l entries, stale func(string) bool) error {
	node := yamlnode.Own(e.root, l.key)
	if node != nil && node.Kind == yaml.AliasNode {
		return fmt.Errorf("line %d: %s is an alias; replace it with the list", node.Line, l.key)
	}
	if node == nil || node.Tag == "!!null" {
		if len(l.desired) > 0 {
			e.start(l, node)
		}
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		return fmt.Errorf("line %d: %s is not a list", node.Line, l.key)
	}
	missing := slices.DeleteFunc(slices.Clone(l.desired), func(want *yaml.Node) bool {
		return slices.ContainsFunc(node.Content, func(have *yaml.Node) bool { return sameEntry(have, want) })
	})
	e.drop(node, l, stale)
	e.add(node, missing)
	if len(node.Content) == 0 && e.changed {
		remove(e.root, l.key)
	}
	return nil
}

// start creates a list that is missing or empty.
func (e *editor) start(l entries, empty *yaml.Node) {
	e.changed = true
	list := &yaml.Node{Kind: yaml.SequenceNode, Content: l.desired}
	if empty == nil {
		put(e.root, l.key, list)
		e.splices = append(e.splices, splice{line: e.lines() + 1, text: l.key + ":\n" + indented(l.desired, 0)})
		return
	}
	list.HeadComment, list.LineComment, list.FootComment = empty.HeadComment, empty.LineComment, empty.FootComment
	key := e.root.Content[yamlnode.Index(e.root, l.key)]
	put(e.root, l.key, list)
	e.splices = append(e.splices, splice{line: key.Line + 1, text: indented(l.desired, key.Column-1)})
}

// annotate writes the annotation with the set.
func (e *editor) annotate(k Kustomization) error {
	metadata, err := e.mapping(e.root, "metadata")
	if err != nil {
		return err
	}
	if metadata == nil {
		e.insert(e.root, "metadata", k.metadata())
		return nil
	}
	annotations, err := e.mapping(metadata, "annotations")
	if err != nil {
		return err
	}
	if annotations == nil {
		e.insert(metadata, "annotations", k.annotations())
		return nil
	}
	switch value := yamlnode.Own(annotations, v1alpha1.SetLabel); {
	case value == nil:
		e.insert(annotations, v1alpha1.SetLabel, text(k.Set))
	case value.Value != k.Set:
		e.changed = true
		put(annotations, v1alpha1.SetLabel, text(k.Set))
		e.splices = append(e.splices, splice{
			line: value.Line, count: 1,
			text: strings.Repeat(" ", annotations.Column-1) + v1alpha1.SetLabel + ": " + k.Set + "\n",
		})
	}
	return nil
}

// mapping is the mapping of a key, nil if the key is missing or empty.
func (e *editor) mapping(parent *yaml.Node, key string) (*yaml.Node, error) {
	node := yamlnode.Own(parent, key)
	switch {
	case node == nil:
		return nil, nil
	case node.Tag == "!!null":
		remove(parent, key)
		return nil, nil
	case node.Kind != yaml.MappingNode:
		return nil, fmt.Errorf("line %d: %s is not a map", node.Line, key)
	}
	return node, nil
}

// insert adds a key at the end of the root, or in front of the keys of another
// mapping, the end of which may be a block scalar.
func (e *editor) insert(mapping *yaml.Node, key string, value *yaml.Node) {
	e.changed = true
	added := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text(key), value}}
	lines := string(encode(added))
	if mapping == e.root {
		e.splices = append(e.splices, splice{line: e.lines() + 1, text: lines})
		mapping.Content = append(mapping.Content, added.Content...)
		return
	}
	if len(mapping.Content) > 0 {
		first := mapping.Content[0]
		e.splices = append(e.splices, splice{line: first.Line, text: indentedText(lines, first.Column-1)})
	}
	mapping.Content = append(added.Content, mapping.Content...)
}

// sameEntry compares an entry with a required one, with cleaned paths. A patch
// to which the user added a target is not ours.
func sameEntry(have, want *yaml.Node) bool {
	path := entryPath(have)
	return path != "" && have.Kind == want.Kind && pathpkg.Clean(path) == entryPath(want) && yamlnode.Own(have, "target") == nil
}

func (e *editor) drop(list *yaml.Node, l entries, stale func(string) bool) {
	var kept []*yaml.Node
	for _, entry := range list.Content {
		wanted := slices.ContainsFunc(l.desired, func(want *yaml.Node) bool { return sameEntry(entry, want) })
		if path := entryPath(entry); wanted || path == "" || !stale(path) {
			kept = append(kept, entry)
			continue
		}
		e.changed = true
		e.splices = append(e.splices, splice{line: entry.Line, count: lastLine(entry) - entry.Line + 1})
	}
	list.Content = kept
}

// add inserts new entries after the last one. If that may end in a block
// scalar, which has no end position, it inserts them before the first.
func (e *editor) add(list *yaml.Node, missing []*yaml.Node) {
	if len(missing) == 0 {
		return
	}
	e.changed = true
	if len(list.Content) == 0 {
		list.Content = missing
		return
	}
	last := list.Content[len(list.Content)-1]
	at := splice{line: list.Content[0].Line, text: indented(missing, list.Column-1)}
	if last.Kind == yaml.ScalarNode {
		at.line = last.Line + 1
		list.Content = append(list.Content, missing...)
	} else {
		list.Content = append(slices.Clone(missing), list.Content...)
	}
	e.splices = append(e.splices, at)
}

func indented(entries []*yaml.Node, column int) string {
	return indentedText(string(encode(&yaml.Node{Kind: yaml.SequenceNode, Content: entries})), column)
}

func indentedText(lines string, column int) string {
	var text strings.Builder
	for line := range strings.Lines(lines) {
		text.WriteString(strings.Repeat(" ", max(0, column)) + line)
	}
	return text.String()
}

func lastLine(node *yaml.Node) int {
	last := node.Line
	for _, child := range node.Content {
		last = max(last, lastLine(child))
	}
	return last
}

// lines counts the lines, including a last one without a line break.
func (e *editor) lines() int {
	n := bytes.Count(e.data, []byte("\n"))
	if len(e.data) > 0 && e.data[len(e.data)-1] != '\n' {
		n++
	}
	return n
}

// result is the edited text, if it parses to the edited nodes. Otherwise (for
// example with a list on one line) it is the nodes, encoded with their
// comments.
func (e *editor) result() ([]byte, error) {
	if !e.changed {
		return e.data, nil
	}
	spliced := e.splice()
	if root, err := parseMapping(spliced); err == nil && bytes.Equal(plain(root), plain(e.root)) {
		return spliced, nil
	}
	spellNulls(e.root)
	return encode(e.doc), nil
}

// spellNulls makes implicit nulls explicit: the library would encode them as
// empty strings in {a}.
func spellNulls(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" && node.Value == "" {
		node.Value = "null"
	}
	for i, child := range node.Content {
		if node.Kind != yaml.MappingNode || i%2 == 1 { // not a key
			spellNulls(child)
		}
	}
}

// plain returns the content of nodes without comments and style.
func plain(node *yaml.Node) []byte {
	var strip func(n *yaml.Node) *yaml.Node
	strip = func(n *yaml.Node) *yaml.Node {
		c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Anchor: n.Anchor, Alias: n.Alias}
		for _, child := range n.Content {
			c.Content = append(c.Content, strip(child))
		}
		if c.Kind != yaml.ScalarNode {
			c.Tag = ""
		}
		return c
	}
	return encode(strip(node))
}

func (e *editor) splice() []byte {
	lines := strings.SplitAfter(string(e.data), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	} else {
		lines[last] += "\n"
	}
	slices.SortStableFunc(e.splices, func(a, b splice) int { return a.line - b.line })
	lineEnd := "\n"
	if len(lines) > 0 && strings.HasSuffix(lines[0], "\r\n") {
		lineEnd = "\r\n"
	}
	var out strings.Builder
	next := 1
	for _, s := range e.splices {
		for ; next < s.line && next <= len(lines); next++ {
			out.WriteString(lines[next-1])
		}
		out.WriteString(strings.ReplaceAll(s.text, "\n", lineEnd))
		next = max(next, s.line+s.count)
	}
	for ; next <= len(lines); next++ {
		out.WriteString(lines[next-1])
	}
	return []byte(out.String())
}
