// Package dns01 proves control of names by DNS records: dns-01 with every
// solver that cert-manager has, and dns-persist-01. It never decides what is to
// be proved, reads no Secret that a solver does not name, and tells nobody what
// is in one.
package dns01
