// Package acmetest is an ACME CA for tests, in the process of the test: Pebble,
// and the DNS server that it resolves names with.
//
// It validates as Pebble does, and skips no challenge.
package acmetest
