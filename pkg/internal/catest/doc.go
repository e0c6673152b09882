// Package catest makes CAs and certificates for tests. It is for tests alone,
// and its keys are public.
package catest
