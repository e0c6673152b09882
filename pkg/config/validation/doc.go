// Package validation has the rules for certs.yaml that go beyond its shape, each
// with the field that breaks it. It does not decode the file and changes nothing
// in it.
package validation
