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

// Document returns the only document of a file. apiVersion is the one expected,
// for the error of an empty file.
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
		return nil, &problem.Problem{Line: more.Line, Rule: "second document; a file must have only one"}
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

// syntaxProblem returns the YAML reader's error with advice. The reader often
// reports the line of the enclosing block, or none. The mistake is on the first
// line that causes the error.
func syntaxProblem(data []byte, err error) *problem.Problem {
	ends := lineEnds(data)
	line := 1 + sort.Search(len(ends)-1, func(i int) bool {
		_, _, e := readDocument(nil, data[:ends[i]])
		return e != nil && e.Error() == err.Error()
	})
	text := strings.TrimPrefix(err.Error(), yamlPrefix.FindString(err.Error()))
	return &problem.Problem{Line: line, Rule: "not YAML: " + text + yamlAdvice(text, data, ends, line)}
}

// lineEnds are the offsets of the line ends, after the line breaks.
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

// yamlAdvice returns advice for a message of the YAML reader.
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
		return "; quote a value that contains a colon and a space, or check the indentation"
	case strings.HasPrefix(text, "did not find expected key"), strings.HasPrefix(text, "did not find expected '-'"):
		return "; check the indentation"
	case strings.HasPrefix(text, "could not find expected ':'"):
		return "; write key: value"
	case strings.HasPrefix(text, "found unexpected end of stream"):
		return "; a closing quote is missing"
	case strings.HasPrefix(text, "unknown anchor"), strings.HasPrefix(text, "did not find expected alphabetic"):
		return "; quote a value that starts with *"
	}
	return ""
}
