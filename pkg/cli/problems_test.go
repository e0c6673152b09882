package cli

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
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
		"one with a hint":          {fmt.Errorf("x: %w", withHint(a, "kubectl certs y")), "error: x: a\nhint: prog y\n"},
		"a list":                   {all(a, nil, b), "error: a\nerror: b\n"},
		"a list of errors.Join":    {errors.Join(a, b), "error: a\nerror: b\n"},
		"a list of one":            {errors.Join(a), "error: a\n"},
		"a list with a hint":       {withHint(all(a, b), "y"), "error: a\nerror: b\nhint: y\n"},
		"hints in a list":          {all(withHint(a, "y"), b), "error: a\nhint: y\nerror: b\n"},
		"a wrapped list":           {fmt.Errorf("in x: %w; see y", errors.Join(a, b)), "error: in x: a; see y\nerror: in x: b; see y\n"},
		"a wrapped list, hinted":   {withHint(fmt.Errorf("in x: %w", all(a, b)), "y"), "error: in x: a\nerror: in x: b\nhint: y\n"},
		"a list in a wrapped list": {fmt.Errorf("x: %w", errors.Join(a, fmt.Errorf("y: %w", errors.Join(a, b)))), "error: x: a\nerror: x: y: a\nerror: x: y: b\n"},
		"no list, but two errors":  {fmt.Errorf("%w: %w", a, b), "error: a: b\n"},
		"problems of a file":       {file, "f.yaml:1: x: one\nf.yaml:2: x: two\nerror: 2 problems in f.yaml\n"},
		"them in a list, hinted": {withHint(errors.Join(a, file), "y"),
			"error: a\nf.yaml:1: x: one\nf.yaml:2: x: two\nerror: 2 problems in f.yaml\nhint: y\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			report(Env{Err: &out}, "prog", tt.err)
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAfterEdit: every certs.yaml that was edited is generated from, in the same
// order each time.
func TestAfterEdit(t *testing.T) {
	in := &rotateInput{program: "kubectl certs", plan: &rotator.Plan{Dir: "ca"}}
	spec, manifests := []byte("apiVersion: x\nkind: Certs\n"), []byte("kind: Issuer\n")
	for name, tt := range map[string]struct {
		writes map[string][]byte
		want   string
	}{
		"manifests": {map[string][]byte{"a.yaml": manifests}, "commit"},
		"one":       {map[string][]byte{"../certs.yaml": spec, "a.yaml": manifests}, "kubectl certs generate, commit"},
		"several": {map[string][]byte{"z/certs.yaml": spec, "../a/certs.yaml": spec, "m/certs.yaml": spec, "b.yaml": manifests},
			"kubectl certs generate -f a/certs.yaml, kubectl certs generate -f ca/m/certs.yaml, kubectl certs generate -f ca/z/certs.yaml, commit"},
	} {
		for range 20 { // maps have no order
			if diff := cmp.Diff(tt.want, in.afterEdit(rotation.Status{}, tt.writes)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}
