// Package run issues and renews the requested certificates, once or for as long
// as it runs. It prints plans, results and logs; what is due, and in which order,
// package issuance decides.
package run
