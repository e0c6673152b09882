package problem

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// Problem is one problem of a file: the location, and the rule that is broken.
type Problem struct {
	Line int    `json:"line"`
	Path string `json:"path"`
	Rule string `json:"rule"`
}

// Error is every problem of one file, in order of lines.
type Error struct {
	File     string
	Problems []Problem
}

// Error lists the problems, one "file:line: path: rule" per line, as printable
// text.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		path := ""
		if p.Path != "" {
			path = p.Path + ": "
		}
		lines[i] = printable.Line(fmt.Sprintf("%s:%d: %s%s", e.File, p.Line, path, p.Rule))
	}
	return strings.Join(lines, "\n")
}

// Max is the maximum number of problems that are reported for one file.
const Max = 1000

// New returns the problems of a file as an *Error, sorted and without
// repetitions, nil if there are none.
func New(file string, list []Problem) error {
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule))
	})
	list = slices.Compact(list)
	if len(list) > Max {
		list = append(list[:Max:Max], Problem{
			Line: list[Max-1].Line, Rule: fmt.Sprintf("more than %d problems; these are the first", Max),
		})
	}
	return &Error{File: file, Problems: list}
}
