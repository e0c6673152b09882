package v1alpha1

import corev1 "k8s.io/api/core/v1"

// KeyPrefix is the prefix of all labels and annotations of kubectl certs.
const KeyPrefix = "kubectl-certs.dev/"

// Labels of objects and of workloads.
const (
	// TrustLabel marks workloads that trust a bundle. Its value is the name of
	// the bundle.
	TrustLabel = KeyPrefix + "trust"
	// SolverLabel selects a solver of the issuer for a certificate.
	SolverLabel = KeyPrefix + "solver"
	// SolverForLabel marks the objects that solve a challenge, so that they are
	// found after a crash. Its value is the Secret that they are for.
	SolverForLabel = KeyPrefix + "solver-for"
	// StaticLabel, with the value StaticValue, marks static challenge routes
	// and their Service.
	StaticLabel = KeyPrefix + "http01"
	// StaticValue is the value of StaticLabel.
	StaticValue = string(Static)
	// SetLabel has the set of objects that an applied object belongs to, so
	// that leftover objects are found. It is only in the cluster, not in Git.
	SetLabel = KeyPrefix + "set"
)

// Annotations of objects.
const (
	// AllowAnnotation has the IDs of findings that the user accepts, separated
	// by commas.
	AllowAnnotation = KeyPrefix + "allow"
	// IssuedAnnotation is on the Secret of a certificate, with its order: an
	// issuance.Note in JSON.
	IssuedAnnotation = KeyPrefix + "issued"
	// RenewAnnotation on the Secret of a certificate requests renewal. Its
	// value is the time of the request (RFC 3339).
	RenewAnnotation = KeyPrefix + "renew"
	// AccountAnnotation is on the Secret of an account key, with the URL of the
	// account.
	AccountAnnotation = KeyPrefix + "account"
)

// JournalType is the type of the Secrets that each hold an issuance.Journal, in
// the namespace of the certificate's Secret.
const JournalType corev1.SecretType = KeyPrefix + "order"
