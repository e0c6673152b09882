package v1alpha1

// Annotations on the Secrets of certificates.
const (
	// IssuedAnnotation is an issuance.Note in JSON: which order the certificate is
	// from.
	IssuedAnnotation = KeyPrefix + "issued"
	// RenewAnnotation asks for renewal, with the time of asking (RFC 3339).
	RenewAnnotation = KeyPrefix + "renew"
)
