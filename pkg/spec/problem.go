package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
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

// Limits that keep a hopeless file cheap.
const (
	maxProblems    = 1000      // more than anybody reads
	maxComparisons = 1_000_000 // of words, for hints
)

// problems gathers what is wrong. The zero value is ready to use.
type problems struct {
	list     []Problem
	compared int
}

// hint is hint as long as it is cheap.
func (ps *problems) hint(word string, known []string) string {
	if ps.full() || ps.compared > maxComparisons {
		return ""
	}
	ps.compared += len(known)
	return hint(word, known)
}

func (ps *problems) full() bool { return len(ps.list) > maxProblems }

func (ps *problems) add(line int, at *path, format string, args ...any) {
	if !ps.full() {
		ps.list = append(ps.list, Problem{Line: line, Path: at.String(), Rule: oneLine(fmt.Sprintf(format, args...))})
	}
}

// oneLine keeps what the file says from breaking the list of problems or a terminal.
func oneLine(rule string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return '\uFFFD'
		}
		return r
	}, rule)
}

// err returns the problems as an *Error, sorted and without repetitions, nil if there are none.
func (ps *problems) err(file string) error {
	if len(ps.list) == 0 {
		return nil
	}
	list := ps.list
	slices.SortFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule))
	})
	list = slices.Compact(list)
	if len(list) > maxProblems {
		list = append(list[:maxProblems:maxProblems], Problem{
			Line: list[maxProblems-1].Line, Rule: fmt.Sprintf("more than %d problems; these are the first", maxProblems),
		})
	}
	return &Error{File: file, Problems: list}
}
