package v1alpha1

import corev1 "k8s.io/api/core/v1"

// KeyPrefix starts the keys of all labels and annotations of kubectl certs, by
// which it finds its objects and solvers again.
const KeyPrefix = "kubectl-certs.dev/"

// Labels of objects and of workloads.
const (
	// TrustLabel marks, by the name of a bundle, the workloads that are to
	// trust it.
	TrustLabel = KeyPrefix + "trust"
	// SolverLabel ties a certificate to a solver of its issuer.
	SolverLabel = KeyPrefix + "solver"
	// SolverForLabel marks the objects that solve a challenge, with the Secret
	// that they are for, so that they are found again after a crash.
	SolverForLabel = KeyPrefix + "solver-for"
	// StaticLabel marks, by the value StaticValue, the permanent routes for
	// challenges and the Service behind them.
	StaticLabel = KeyPrefix + "http01"
	// StaticValue is the value of StaticLabel.
	StaticValue = string(Static)
	// SetLabel is the set of objects that an applied object belongs to, so that
	// what is no longer in it can be found. It is in the cluster only, not in Git.
	SetLabel = KeyPrefix + "set"
)

// Annotations of objects.
const (
	// AllowAnnotation holds IDs of findings that the user agrees with,
	// separated by commas.
	AllowAnnotation = KeyPrefix + "allow"
	// IssuedAnnotation is on the Secret of a certificate: which order it is
	// from, an issuance.Note in JSON.
	IssuedAnnotation = KeyPrefix + "issued"
	// RenewAnnotation is on the Secret of a certificate and requests renewal,
	// with the time of the request (RFC 3339).
	RenewAnnotation = KeyPrefix + "renew"
	// AccountAnnotation is on the Secret of an account key, with the URL of the
	// account.
	AccountAnnotation = KeyPrefix + "account"
)

// JournalType is the type of the Secrets that hold an issuance.Journal each,
// beside the Secret that the certificate is for.
const JournalType corev1.SecretType = KeyPrefix + "order"
