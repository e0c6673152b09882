package cli

import "github.com/kubectl-certs/kubectl-certs/pkg/problem"

// all returns what there is of some errors: one as it is, nil for none.
func all(errs ...error) error { return problem.Join(errs...) }
