package spec

import (
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// maxComparisons of words, for hints, keep a hopeless file cheap.
const maxComparisons = 1_000_000

// problems gathers what is wrong. The zero value is ready to use.
type problems struct {
	list     []problem.Problem
	compared int
}

// hint is Hint as long as it is cheap.
func (ps *problems) hint(word string, known []string) string {
	if ps.full() || ps.compared > maxComparisons {
		return ""
	}
	ps.compared += len(known)
	return Hint(word, known)
}

func (ps *problems) full() bool { return len(ps.list) > problem.Max }

func (ps *problems) add(line int, at *path, format string, args ...any) {
	if !ps.full() {
		ps.list = append(ps.list, problem.Problem{Line: line, Path: at.String(), Rule: fmt.Sprintf(format, args...)})
	}
}

// err returns the problems as a *problem.Error, nil if there are none.
func (ps *problems) err(file string) error { return problem.New(file, ps.list) }
