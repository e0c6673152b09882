// Package store keeps certificates, orders and account keys in Secrets: it is
// the issuance engine's Store. It does not decide what is issued, nor when.
package store
