package issuance

import "github.com/kubectl-certs/kubectl-certs/pkg/spec"

// Annotations on the Secrets of certificates.
const (
	// IssuedAnnotation is an issuance.Note in JSON: which order the certificate is
	// from.
	IssuedAnnotation = spec.KeyPrefix + "issued"
	// RenewAnnotation asks for renewal, with the time of asking (RFC 3339).
	RenewAnnotation = spec.KeyPrefix + "renew"
)
