package strictyaml

import (
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// maxComparisons limits the cost of suggestions for files with many mistakes.
const maxComparisons = 1_000_000

// Problems collects the problems of a file. The zero value is ready to use.
type Problems struct {
	List     []problem.Problem
	compared int
}

// Suggest is the function Suggest within maxComparisons, and "" after that.
func (ps *Problems) Suggest(word string, known []string) string {
	if ps.Full() || ps.compared > maxComparisons {
		return ""
	}
	ps.compared += len(known)
	return Suggest(word, known)
}

// Full reports whether there are more problems than are shown.
func (ps *Problems) Full() bool { return len(ps.List) > problem.Max }

// Add adds a problem, unless the list is full.
func (ps *Problems) Add(line int, at *Path, format string, args ...any) {
	if !ps.Full() {
		ps.add(line, at.String(), format, args...)
	}
}

func (ps *Problems) add(line int, path, format string, args ...any) {
	if !ps.Full() {
		ps.List = append(ps.List, problem.Problem{Line: line, Path: path, Rule: fmt.Sprintf(format, args...)})
	}
}

// Err returns the problems as a *problem.Error, nil if there are none.
func (ps *Problems) Err(file string) error { return problem.New(file, ps.List) }
