package cli

import (
	"context"
	"errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/source"
)

// source returns a reader of operands. Close it in the end.
func (e Env) source() *source.Reader {
	return &source.Reader{In: e.In, Budget: e.Limits, Progress: e.progress}
}

// readOperands reads the two sides of a diff.
func readOperands(ctx context.Context, env Env, a, b string) (old, new []diff.Overlay, err error) {
	if a == source.Stdin && b == source.Stdin {
		return nil, nil, errors.New("stdin can be one side only")
	}
	r := env.source()
	defer r.Close()
	old, oldErr := readOperand(ctx, r, a)
	new, newErr := readOperand(ctx, r, b)
	if err := all(oldErr, newErr); err != nil {
		return nil, nil, err
	}
	if len(old) == 1 && len(new) == 1 { // two things of other names are still to be compared
		old[0].Label, new[0].Label = "", ""
	}
	return old, new, nil
}

func readOperand(ctx context.Context, r *source.Reader, operand string) ([]diff.Overlay, error) {
	found, err := r.Overlays(ctx, operand)
	overlays := make([]diff.Overlay, len(found))
	for i, o := range found {
		overlays[i] = diff.Overlay(o)
	}
	return overlays, err
}
