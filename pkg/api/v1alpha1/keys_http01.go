package v1alpha1

// SolverForLabel marks the objects that solve a challenge, with the Secret that
// they are for, so that they are found again after a crash.
const SolverForLabel = KeyPrefix + "solver-for"
