package hint

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestOfFindsTheOutermostHint(t *testing.T) {
	inner := With(fs.ErrNotExist, "create it")
	outer := With(fmt.Errorf("open a: %w", inner), "name another")
	for _, tt := range []struct {
		err  error
		text string
		ok   bool
	}{
		{nil, "", false}, {fs.ErrNotExist, "", false}, {inner, "create it", true},
		{fmt.Errorf("open a: %w", inner), "create it", true}, {outer, "name another", true},
		{errors.Join(errors.New("other"), inner), "", false}, {With(errors.Join(inner), "of all"), "of all", true},
	} {
		if text, ok := Of(tt.err); text != tt.text || ok != tt.ok {
			t.Errorf("Of(%v) = %q, %v, want %q, %v", tt.err, text, ok, tt.text, tt.ok)
		}
	}
	if With(nil, "nothing to do") != nil {
		t.Error("no error has become one")
	}
	if outer.Error() != "open a: file does not exist" || !errors.Is(outer, fs.ErrNotExist) {
		t.Errorf("the error has changed: %v", outer)
	}
}
