package environ

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ours are the variables of the test.
func ours() []string {
	var found []string
	for _, pair := range os.Environ() {
		if strings.HasPrefix(pair, "ENVIRON_") || strings.HasPrefix(pair, "OTHER_") {
			found = append(found, pair)
		}
	}
	slices.Sort(found)
	return found
}

func TestWith(t *testing.T) {
	t.Setenv("ENVIRON_KEPT", "before")
	t.Setenv("ENVIRON_REPLACED", "before")
	t.Setenv("OTHER_REPLACED", "before")
	t.Setenv("OTHER_SEEN", "before")
	before := ours()
	fault := errors.New("fault")
	err := With(t.Context(), map[string]string{"ENVIRON_REPLACED": "x", "ENVIRON_NEW": "", "OTHER_REPLACED": "x"}, []string{"ENVIRON_"}, func() error {
		want := []string{"ENVIRON_NEW=", "ENVIRON_REPLACED=x", "OTHER_REPLACED=x", "OTHER_SEEN=before"}
		if diff := cmp.Diff(want, ours()); diff != "" {
			t.Errorf("within (-want +got):\n%s", diff)
		}
		return fault
	})
	if !errors.Is(err, fault) {
		t.Errorf("returns %v", err)
	}
	if diff := cmp.Diff(before, ours()); diff != "" {
		t.Errorf("afterwards (-want +got):\n%s", diff)
	}
}

// TestWithPanic: a library that panics leaves nothing behind.
func TestWithPanic(t *testing.T) {
	func() {
		defer func() { _ = recover() }()
		_ = With(t.Context(), map[string]string{"ENVIRON_NEW": "x"}, nil, func() error { panic("library") })
	}()
	if got := ours(); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
	if err := With(t.Context(), nil, nil, func() error { return nil }); err != nil {
		t.Error(err)
	}
}

// TestWithOneAtATime: nobody sees the variables of another.
func TestWithOneAtATime(t *testing.T) {
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			name := "ENVIRON_" + string(rune('A'+i%26))
			_ = With(t.Context(), map[string]string{name: "x"}, []string{"ENVIRON_"}, func() error {
				if got := ours(); len(got) != 1 || got[0] != name+"=x" {
					t.Errorf("sees %q", got)
				}
				return nil
			})
		})
	}
	all.Wait()
}

func TestWithEndedContext(t *testing.T) {
	_ = With(t.Context(), nil, nil, func() error {
		ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		for range 2 { // while somebody else has it, and at once
			if err := With(ctx, nil, nil, func() error { t.Error("ran"); return nil }); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("returns %v", err)
			}
		}
		return nil
	})
}
