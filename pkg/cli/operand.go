package cli

import "github.com/kubectl-certs/kubectl-certs/pkg/source"

// source returns a reader of operands. Close it in the end.
func (e Env) source() *source.Reader {
	return &source.Reader{In: e.In, Budget: e.Limits, Progress: e.progress}
}
