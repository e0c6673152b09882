package source

import (
	"bytes"
	"iter"
	"regexp"
	"sort"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// documentHeader has the apiVersion and kind of a document.
type documentHeader struct {
	kind string
	line int // of its first field
}

// documentFile is a file of several documents.
type documentFile struct {
	data        []byte
	own, others []documentHeader
	typed       bool // a document has an apiVersion and a kind
	starts      []int
}

// readHeaders reads the headers of all documents in a file.
func readHeaders(data []byte) (documentFile, error) {
	f := documentFile{data: data}
	for doc, err := range (*limits.Budget)(nil).Documents(data) {
		if err != nil {
			return f, err
		}
		if len(doc.Content) > 0 {
			f.add(doc.Content[0])
		}
	}
	for _, at := range marker.FindAllIndex(data, -1) {
		f.starts = append(f.starts, lineAt(data, at[0]))
	}
	return f, nil
}

func (f *documentFile) add(node *yaml.Node) {
	root := yamlnode.Resolve(node)
	if yamlnode.IsNull(root) {
		return
	}
	version, kind := field(root, "apiVersion"), field(root, "kind")
	f.typed = f.typed || version != "" && kind != ""
	h := documentHeader{kind, node.Line}
	switch {
	case version == v1alpha1.APIVersion && kind != "":
		f.own = append(f.own, h)
	case ownGroup.MatchString(version) || ownKinds[kind]:
		h.kind = ""
		f.own = append(f.own, h)
	default:
		f.others = append(f.others, h)
	}
}

var (
	ownGroup = regexp.MustCompile(`^` + regexp.QuoteMeta("kubectl-certs.dev") + `(/|$)`)
	ownKinds = map[string]bool{v1alpha1.Kind: true, "Rotation": true} // with any apiVersion, which is then wrong
)

// field returns a string of a mapping, "" if there is none.
func field(root *yaml.Node, name string) string {
	value, _ := yamlnode.Get(root, name)
	if value == nil || value.Kind != yaml.ScalarNode {
		return ""
	}
	return value.Value
}

// only returns the file up to the end of a document, with those before it
// blanked.
func (f documentFile) only(d documentHeader) []byte {
	from, to := f.lines(d)
	var text []byte
	for line, content := range numbered(f.data) {
		switch {
		case line < from:
			text = append(text, '\n')
		case line < to:
			text = append(text, content...)
		}
	}
	return text
}

// without returns the file with some documents blanked.
func (f documentFile) without(list []documentHeader) []byte {
	isBlank := map[int]string{}
	for _, d := range list {
		from, to := f.lines(d)
		for line := from + 1; line < to; line++ {
			isBlank[line] = "\n"
		}
		isBlank[from] = "---\n"
	}
	var text []byte
	for line, content := range numbered(f.data) {
		if blank, ok := isBlank[line]; ok {
			content = []byte(blank)
		}
		text = append(text, content...)
	}
	return text
}

// lines returns the line of the marker above a document, 0 if there is none,
// and that of the next marker.
func (f documentFile) lines(d documentHeader) (from, to int) {
	next := sort.SearchInts(f.starts, d.line+1)
	to = lineAt(f.data, len(f.data)) + 1
	if next < len(f.starts) {
		to = f.starts[next]
	}
	if next > 0 {
		from = f.starts[next-1]
	}
	return from, to
}

// numbered returns the lines of a text with their numbers, from 1.
func numbered(data []byte) iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		number := 0
		for line := range bytes.Lines(data) {
			if number++; !yield(number, line) {
				return
			}
		}
	}
}
