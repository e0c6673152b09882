package plan

import "github.com/kubectl-certs/kubectl-certs/pkg/spec"

const (
	// SolverLabel ties a certificate to a solver of its issuer.
	SolverLabel = spec.KeyPrefix + "solver"
	// StaticLabel marks, by the value StaticValue, the permanent routes for
	// challenges and the Service behind them.
	StaticLabel = spec.KeyPrefix + "http01"
	// StaticValue is the value of StaticLabel.
	StaticValue = string(spec.Static)
)

// AllowAnnotation holds IDs of findings that somebody agrees with, separated by
// commas.
const AllowAnnotation = spec.KeyPrefix + "allow"
