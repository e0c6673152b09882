package v1alpha1

// KeyPrefix starts the keys of all labels and annotations of kubectl certs, by
// which it finds its objects and solvers again.
const KeyPrefix = "kubectl-certs.dev/"

// TrustLabel marks, by the name of a bundle, the workloads that are to trust it.
const TrustLabel = KeyPrefix + "trust"
