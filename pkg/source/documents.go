package source

import (
	"bytes"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// documentHeader has the apiVersion and kind of a document.
type documentHeader struct {
	version, kind         string
	line                  int // of its first field
	versionLine, kindLine int // line if there is no such field
}

// problem returns what is wrong about a header of our group, nil if it is that of a
// document that kubectl certs reads. A document without a kind passes, as it is
// reported with its other missing fields.
func (h documentHeader) problem() *problem.Problem {
	switch {
	case !ownGroup.MatchString(h.version) || h.kind == "":
		return nil
	case h.version != v1alpha1.APIVersion:
		return &problem.Problem{Line: h.versionLine, Path: "apiVersion", Rule: "must be " + v1alpha1.APIVersion}
	case !slices.Contains(ownKinds, h.kind):
		return &problem.Problem{Line: h.kindLine, Path: "kind", Rule: fmt.Sprintf("%q must be %s%s", h.kind, strings.Join(ownKinds, " or "), strictyaml.Suggest(h.kind, ownKinds))}
	}
	return nil
}

// isOutput reports whether the header is that of what a command printed as JSON or
// YAML: of a kind that was not meant to be one of those that are read.
func (h documentHeader) isOutput() bool {
	return h.version == v1alpha1.APIVersion && h.kind != "" && !slices.Contains(ownKinds, h.kind) && hint.Nearest(h.kind, ownKinds) == ""
}

// unknown reports whether the header does not say which document of ours it is.
func (h documentHeader) unknown() bool { return h.version != v1alpha1.APIVersion || h.kind == "" }

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

// ownDocuments is readHeaders with only the documents of our group in own, and
// without output of a command that was saved. A file that is not YAML has none.
func ownDocuments(data []byte) documentFile {
	if !bytes.Contains(data, []byte(groupName)) {
		return documentFile{data: data}
	}
	f, err := readHeaders(data)
	if err != nil {
		return documentFile{data: data}
	}
	f.own = slices.DeleteFunc(f.own, func(h documentHeader) bool { return !ownGroup.MatchString(h.version) || h.isOutput() })
	return f
}

func (f *documentFile) add(node *yaml.Node) {
	root := yamlnode.Resolve(node)
	if yamlnode.IsNull(root) {
		return
	}
	h := documentHeader{line: node.Line}
	h.version, h.versionLine = field(root, "apiVersion", node.Line)
	h.kind, h.kindLine = field(root, "kind", node.Line)
	f.typed = f.typed || h.version != "" && h.kind != ""
	if ownGroup.MatchString(h.version) || slices.Contains(ownKinds, h.kind) {
		f.own = append(f.own, h)
	} else {
		f.others = append(f.others, h)
	}
}

// check returns the problems of the headers of our group.
func (f documentFile) check(name string) error {
	var list []problem.Problem
	for _, h := range f.own {
		if bad := h.problem(); bad != nil {
			list = append(list, *bad)
		}
	}
	return problem.New(name, list)
}

// groupName is the API group of our documents.
var groupName = strings.TrimSuffix(v1alpha1.KeyPrefix, "/")

var (
	ownGroup = regexp.MustCompile(`^` + regexp.QuoteMeta(groupName) + `(/|$)`)
	ownKinds = []string{v1alpha1.Kind, "Rotation"} // with any apiVersion, which is then wrong
)

// field returns a string of a mapping with its line; "" and the line without it if
// there is none.
func field(root *yaml.Node, name string, without int) (text string, line int) {
	value, _ := yamlnode.Get(root, name)
	if value == nil || value.Kind != yaml.ScalarNode {
		return "", without
	}
	return value.Value, value.Line
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
