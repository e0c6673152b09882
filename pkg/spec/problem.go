package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong with the file: where, and the rule it breaks.
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

// Error lists the problems, one "file:line: path: rule" a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		place := ""
		if p.Path != "" {
			place = p.Path + ": "
		}
		lines[i] = fmt.Sprintf("%s:%d: %s%s", e.File, p.Line, place, p.Rule)
	}
	return strings.Join(lines, "\n")
}

// problems gathers what is wrong. The zero value is ready to use.
type problems struct{ list []Problem }

func (ps *problems) add(line int, at *path, format string, args ...any) {
	ps.list = append(ps.list, Problem{Line: line, Path: at.String(), Rule: fmt.Sprintf(format, args...)})
}

// err returns the problems as an *Error, sorted and without repetitions, nil if there are none.
func (ps *problems) err(file string) error {
	if len(ps.list) == 0 {
		return nil
	}
	slices.SortStableFunc(ps.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path))
	})
	return &Error{File: file, Problems: slices.Compact(ps.list)}
}
