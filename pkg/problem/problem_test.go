package problem

import (
	"errors"
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	if err := New("f.yaml", nil); err != nil {
		t.Errorf("nothing is wrong, and it says %v", err)
	}
	err := New("f.yaml", []Problem{{3, "b", "two"}, {4, "c\nd", "\x1b[31m\u202e"}, {1, "", "one"}, {3, "b", "two"}, {3, "a", "two"}})
	want := "f.yaml:1: one\nf.yaml:3: a: two\nf.yaml:3: b: two\nf.yaml:4: c\\nd: \\u001b[31m\\u202e"
	if err == nil || err.Error() != want {
		t.Errorf("says\n%v\nwant\n%s", err, want)
	}
	many := make([]Problem, Max+5)
	for i := range many {
		many[i] = Problem{Line: i + 1, Rule: "wrong"}
	}
	bad, ok := errors.AsType[*Error](New("f.yaml", many))
	if !ok || len(bad.Problems) != Max+1 || !strings.HasPrefix(bad.Problems[Max].Rule, "more than 1000 problems") {
		t.Errorf("%d problems are reported", len(bad.Problems))
	}
}
