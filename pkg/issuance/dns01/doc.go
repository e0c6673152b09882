// Package dns01 validates domain names with DNS records: dns-01 with every solver of
// cert-manager, and dns-persist-01. It does not choose which names to validate and reads only
// the Secrets that solvers reference.
package dns01
