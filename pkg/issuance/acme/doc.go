// Package acme obtains certificates from ACME servers (RFC 8555) and reads their renewal
// information (RFC 9773). It implements issuance.CA with lego's acme/api. It does not choose
// how a name is validated, does not create or store the key of a certificate, and never puts
// key material into an error or a log.
package acme
