// Package validation checks the rules for certs.yaml that its schema does not
// cover, and reports the field that breaks each. It does not decode or change
// the file.
package validation
