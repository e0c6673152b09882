package limits

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Limits for the nodes that the aliases in the input of a command expand to: a
// fixed number, and more for each byte read.
const (
	freeNodes    = 100_000
	nodesPerByte = 8
)

// textPerNode is how many bytes of a string count as one node, so that
// repeating long strings costs more.
const textPerNode = 16

// Budget limits the expansion of aliases in all files of one command. It also
// stops reading when the command is canceled. A nil Budget limits each call
// separately. A Budget is safe for concurrent use.
type Budget struct {
	stop func() error // nil for never

	lock    sync.Mutex
	read    int // bytes
	aliased int // nodes visited through aliases
}

// New returns the budget of a command. Readers stop and return the error of
// stop as soon as it is not nil.
func New(stop func() error) *Budget { return &Budget{stop: stop} }

// Err returns why reading has to stop, nil if it does not.
func (b *Budget) Err() error {
	if b == nil || b.stop == nil {
		return nil
	}
	return b.stop()
}

// Documents iterates over the documents of a YAML or JSON stream. Each document
// is within all limits, so following its aliases terminates. The last error is
// an *Error for a limit, or the parser's error for invalid YAML.
func (b *Budget) Documents(data []byte) iter.Seq2[*yaml.Node, error] {
	return func(yield func(*yaml.Node, error) bool) {
		if err := documents(data); err != nil {
			yield(nil, err)
			return
		}
		b = b.credit(len(data))
		decoder := yaml.NewDecoder(bytes.NewReader(withYAMLEscapes(data)))
		anchored := map[*yaml.Node]extent{} // the parser lets aliases refer to earlier documents
		for {
			var doc yaml.Node
			err := b.Err()
			if err == nil {
				err = decoder.Decode(&doc)
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err == nil {
				err = b.spend(&doc, anchored)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&doc, nil) {
				return
			}
		}
	}
}

// documents returns an error for a stream of too many documents. Only a
// document marker starts a line with three dashes and a blank.
func documents(data []byte) error {
	found, line := 0, 0
	for text := range bytes.Lines(data) {
		line++
		if bytes.HasPrefix(text, []byte("---")) && (len(text) == 3 || bytes.IndexByte([]byte(" \t\r\n"), text[3]) >= 0) {
			found++
		}
		if found > MaxDocuments {
			return &Error{line, fmt.Sprintf("more than %d documents in one file; split it", MaxDocuments)}
		}
	}
	return nil
}

func (b *Budget) credit(bytes int) *Budget {
	if b == nil {
		b = &Budget{}
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	b.read += bytes
	return b
}

// spend subtracts the expansion of a document's aliases from the budget. A
// document over the limit subtracts nothing.
func (b *Budget) spend(doc *yaml.Node, anchored map[*yaml.Node]extent) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	limit := freeNodes + nodesPerByte*b.read
	m := meter{left: limit - b.aliased, limit: limit, anchored: anchored}
	if _, err := m.measure(doc, -1); err != nil {
		return err
	}
	b.aliased = limit - m.left
	return nil
}

// extent is the size of a node with its aliases expanded.
type extent struct{ nodes, levels int }

// meter visits each node of a document once. The anchor of an alias is always
// before it or around it.
type meter struct {
	left, limit int
	anchored    map[*yaml.Node]extent
}

func (m *meter) measure(n *yaml.Node, depth int) (extent, error) {
	e := extent{nodes: 1 + len(n.Value)/textPerNode}
	if n.Kind == yaml.AliasNode {
		target, complete := m.anchored[n.Alias]
		if !complete {
			return e, &Error{n.Line, "an alias refers to a value that contains it"}
		}
		if m.left -= target.nodes; m.left < 0 {
			return e, &Error{n.Line, fmt.Sprintf("aliases expand to more than %d values (%d and %d for each byte read); replace them with their values", m.limit, freeNodes, nodesPerByte)}
		}
		e = target
	}
	if depth+e.levels > MaxDepth {
		return e, &Error{n.Line, fmt.Sprintf("nested deeper than %d levels", MaxDepth)}
	}
	for _, inner := range n.Content {
		below, err := m.measure(inner, depth+1)
		if err != nil {
			return e, err
		}
		e.nodes, e.levels = e.nodes+below.nodes, max(e.levels, below.levels+1)
	}
	if n.Anchor != "" {
		m.anchored[n] = e
	}
	return e, nil
}
