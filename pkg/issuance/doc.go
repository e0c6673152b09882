// Package issuance issues and renews requested certificates: it compares requests with Secrets,
// decides what is due, and completes orders. It accesses CAs, solvers and the cluster only
// through interfaces and reads nothing else but the clock.
package issuance
