package problem

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJoin: a list has one error a line, and a single error is not wrapped.
func TestJoin(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	if err := Join(nil, nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
	if err := Join(nil, a); err != a {
		t.Errorf("a single error becomes %#v", err)
	}
	err := Join(a, nil, b)
	if diff := cmp.Diff("a\nb", err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !errors.Is(err, a) || !errors.Is(err, b) {
		t.Error("the errors of a list are not found in it")
	}
}

func TestSplit(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	for name, tt := range map[string]struct {
		err  error
		want []string
	}{
		"one error":              {a, []string{"a"}},
		"a wrapped error":        {fmt.Errorf("x: %w", a), []string{"x: a"}},
		"a list":                 {Join(a, b), []string{"a", "b"}},
		"errors.Join":            {errors.Join(a, b), []string{"a", "b"}},
		"errors.Join of one":     {errors.Join(a), []string{"a"}},
		"a wrapped list":         {fmt.Errorf("x: %w; y", Join(a, b)), []string{"x: a; y", "x: b; y"}},
		"a list in a list":       {Join(a, Join(a, b)), []string{"a", "a", "b"}},
		"a wrapped list in one":  {fmt.Errorf("x: %w", Join(a, fmt.Errorf("y: %w", Join(a, b)))), []string{"x: a", "x: y: a", "x: y: b"}},
		"two errors in one text": {fmt.Errorf("%w: %w", a, b), []string{"a: b"}},
		"an empty list":          {List{}, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			list := Split(tt.err)
			if diff := cmp.Diff(tt.want, texts(list)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got, want := OneLine(tt.err), strings.Join(tt.want, "; "); got != want {
				t.Errorf("in one line %q, want %q", got, want)
			}
			for _, err := range list {
				if len(tt.want) > 1 && !errors.Is(err, a) && !errors.Is(err, b) {
					t.Errorf("%v lost what it is", err)
				}
			}
		})
	}
}
