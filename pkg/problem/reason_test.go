package problem

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestReason(t *testing.T) {
	other := errors.New("other")
	at := &fs.PathError{Op: "open", Path: "a", Err: fs.ErrNotExist}
	for _, tt := range []struct{ err, want error }{
		{at, fs.ErrNotExist}, {fmt.Errorf("b: %w", at), fs.ErrNotExist}, {other, other}, {nil, nil},
	} {
		if got := Reason(tt.err); got != tt.want {
			t.Errorf("Reason(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}
