package panics_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

func TestGuard(t *testing.T) {
	plain := errors.New("plain")
	for name, tt := range map[string]struct {
		f    func() error
		want string
	}{
		"nothing":  {func() error { return nil }, ""},
		"error":    {func() error { return plain }, "plain"},
		"index":    {func() error { return errors.New("x"[len(name()):]) }, "runtime error: slice bounds out of range [6:1]"},
		"key":      {func() error { m := map[any]bool{}; m[[]int{}] = true; return nil }, "runtime error: hash of unhashable type []int"},
		"text":     {func() error { panic("s3cret") }, "panic with a value of type string"},
		"an error": {func() error { panic(plain) }, "panic with a value of type *errors.errorString"},
	} {
		t.Run(name, func(t *testing.T) {
			err := panics.Guard(tt.f)()
			if got := text(err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if p, ok := errors.AsType[*panics.Error](err); ok && !strings.Contains(string(p.Stack), "panics_test.go") {
				t.Errorf("the stack is not that of the panic:\n%s", p.Stack)
			}
		})
	}
}

func name() string { return "secret" }

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
