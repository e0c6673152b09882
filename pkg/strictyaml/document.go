package strictyaml

import (
	"bytes"
	"errors"
	"regexp"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

// Document returns the one document of a file. apiVersion is how such a file
// begins.
func Document(budget *limits.Budget, data []byte, apiVersion string) (*yaml.Node, *problem.Problem) {
	doc, more, err := readDocument(budget, data)
	if limit, passed := errors.AsType[*limits.Error](err); passed {
		return nil, &problem.Problem{Line: limit.Line, Rule: limit.Reason}
	}
	switch {
	case err == nil && (doc == nil || yamlnode.IsNull(yamlnode.Resolve(doc.Content[0]))):
		return nil, &problem.Problem{Line: 1, Rule: "the file is empty; it starts with apiVersion: " + apiVersion}
	case err != nil:
		return nil, syntaxProblem(data, err)
	case more != nil:
		return nil, &problem.Problem{Line: more.Line, Rule: "a second document; one file is one document"}
	}
	return doc.Content[0], nil
}

// readDocument returns the first document, and the second if there is one.
func readDocument(budget *limits.Budget, data []byte) (first, second *yaml.Node, err error) {
	for doc, err := range budget.Documents(data) {
		switch {
		case err != nil:
			return nil, nil, err
		case first != nil:
			return first, doc, nil
		}
		first = doc
	}
	return first, nil, nil
}

var yamlPrefix = regexp.MustCompile(`^(yaml: )?(line \d+: )?`)

// syntaxProblem says what the YAML reader says, and what to do about it. The
// reader's own line is often that of the block around the mistake, or none;
// the mistake is on the first line that brings it about.
func syntaxProblem(data []byte, err error) *problem.Problem {
	ends := lineEnds(data)
	line := 1 + sort.Search(len(ends)-1, func(i int) bool {
		_, _, e := readDocument(nil, data[:ends[i]])
		return e != nil && e.Error() == err.Error()
	})
	text := strings.TrimPrefix(err.Error(), yamlPrefix.FindString(err.Error()))
	return &problem.Problem{Line: line, Rule: "not YAML: " + text + yamlAdvice(text, data, ends, line)}
}

// lineEnds are the offsets at which the lines end, their line breaks included.
func lineEnds(data []byte) []int {
	var ends []int
	for i, b := range data {
		if b == '\n' || b == '\r' && !bytes.HasPrefix(data[i+1:], []byte("\n")) {
			ends = append(ends, i+1)
		}
	}
	if len(ends) == 0 || ends[len(ends)-1] < len(data) {
		ends = append(ends, len(data))
	}
	return ends
}

// yamlAdvice says what usually causes a message of the YAML reader.
func yamlAdvice(text string, data []byte, ends []int, line int) string {
	start := 0
	if line > 1 {
		start = ends[line-2]
	}
	written := data[start:ends[line-1]]
	indent := written[:len(written)-len(bytes.TrimLeft(written, " \t"))]
	switch {
	case bytes.Contains(indent, []byte("\t")):
		return "; this line is indented with a tab, use spaces"
	case strings.HasPrefix(text, "found character that cannot start"):
		return "; quote a value that starts with @, ` or %"
	case strings.HasPrefix(text, "mapping values are not allowed"):
		return "; quote a value that has a colon and a space in it, or check the indentation"
	case strings.HasPrefix(text, "did not find expected key"), strings.HasPrefix(text, "did not find expected '-'"):
		return "; check the indentation"
	case strings.HasPrefix(text, "could not find expected ':'"):
		return "; write key: value"
	case strings.HasPrefix(text, "found unexpected end of stream"):
		return "; a quote opened here is never closed"
	case strings.HasPrefix(text, "unknown anchor"), strings.HasPrefix(text, "did not find expected alphabetic"):
		return "; quote a value that starts with *"
	}
	return ""
}
