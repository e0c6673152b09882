// Package acme obtains certificates from ACME servers (RFC 8555), and asks
// them when to renew (RFC 9773): it is a run.CA over lego's acme/api. It never
// chooses how a name is proved, never makes or keeps the key of a certificate,
// and never puts key material into an error or a log.
package acme
