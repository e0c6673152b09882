package v1alpha1

import corev1 "k8s.io/api/core/v1"

// AccountAnnotation is on the Secret of an account key, with the URL of the
// account.
const AccountAnnotation = KeyPrefix + "account"

// JournalType is the type of the Secrets that hold an issuance.Journal each,
// beside the Secret that the certificate is for.
const JournalType corev1.SecretType = KeyPrefix + "order"
