package v1alpha1

const (
	// SolverLabel ties a certificate to a solver of its issuer.
	SolverLabel = KeyPrefix + "solver"
	// StaticLabel marks, by the value StaticValue, the permanent routes for
	// challenges and the Service behind them.
	StaticLabel = KeyPrefix + "http01"
	// StaticValue is the value of StaticLabel.
	StaticValue = string(Static)
)

// AllowAnnotation holds IDs of findings that somebody agrees with, separated by
// commas.
const AllowAnnotation = KeyPrefix + "allow"
