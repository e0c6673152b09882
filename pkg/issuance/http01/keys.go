package http01

import "github.com/kubectl-certs/kubectl-certs/pkg/spec"

// SolverForLabel marks the objects that solve a challenge, with the Secret that
// they are for, so that they are found again after a crash.
const SolverForLabel = spec.KeyPrefix + "solver-for"
