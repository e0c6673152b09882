// Package issuance issues and renews requested certificates: it compares requests
// with Secrets, decides what is due, and takes orders to their end. It knows CAs,
// solvers and the cluster only as interfaces; besides the clock it reads nothing.
package issuance
