package store

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// AccountAnnotation is on the Secret of an account key, with the URL of the
// account.
const AccountAnnotation = spec.KeyPrefix + "account"

// JournalType is the type of the Secrets that hold an issuance.Journal each,
// beside the Secret that the certificate is for.
const JournalType corev1.SecretType = spec.KeyPrefix + "order"
