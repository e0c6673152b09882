// Package store stores certificates, orders and account keys in Secrets. It implements
// issuance.Store. It does not decide which certificates to issue, or when.
package store
