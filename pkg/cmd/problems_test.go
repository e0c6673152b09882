package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/cmdutil"
	"github.com/kubectl-certs/kubectl-certs/pkg/cmd/iostreams"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

// TestReport: each error of a list is on lines of its own, whatever the list is
// wrapped in.
func TestReport(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	file := problem.New("f.yaml", []problem.Problem{{Line: 1, Path: "x", Rule: "one"}, {Line: 2, Path: "x", Rule: "two"}})
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"one":                      {a, "error: a\n"},
		"one with a hint":          {fmt.Errorf("x: %w", hint.With(a, "kubectl certs y")), "error: x: a\nhint: prog y\n"},
		"a list":                   {problem.Join(a, nil, b), "error: a\nerror: b\n"},
		"a list of errors.Join":    {errors.Join(a, b), "error: a\nerror: b\n"},
		"a list of one":            {errors.Join(a), "error: a\n"},
		"a list with a hint":       {hint.With(problem.Join(a, b), "y"), "error: a\nerror: b\nhint: y\n"},
		"hints in a list":          {problem.Join(hint.With(a, "y"), b), "error: a\nhint: y\nerror: b\n"},
		"a wrapped list":           {fmt.Errorf("in x: %w; see y", errors.Join(a, b)), "error: in x: a; see y\nerror: in x: b; see y\n"},
		"a wrapped list, hinted":   {hint.With(fmt.Errorf("in x: %w", problem.Join(a, b)), "y"), "error: in x: a\nerror: in x: b\nhint: y\n"},
		"a list in a wrapped list": {fmt.Errorf("x: %w", errors.Join(a, fmt.Errorf("y: %w", errors.Join(a, b)))), "error: x: a\nerror: x: y: a\nerror: x: y: b\n"},
		"no list, but two errors":  {fmt.Errorf("%w: %w", a, b), "error: a: b\n"},
		"problems of a file":       {file, "f.yaml:1: x: one\nf.yaml:2: x: two\nerror: 2 problems in f.yaml\n"},
		"them in a list, hinted": {hint.With(errors.Join(a, file), "y"),
			"error: a\nf.yaml:1: x: one\nf.yaml:2: x: two\nerror: 2 problems in f.yaml\nhint: y\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			report(&cmdutil.Factory{IO: iostreams.IO{Err: &out}}, "prog", tt.err)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
