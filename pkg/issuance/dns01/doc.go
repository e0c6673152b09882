// Package dns01 validates names by DNS records: dns-01 with every solver of
// cert-manager, and dns-persist-01. It does not decide which names to validate, and
// reads no Secret that a solver does not name.
package dns01
