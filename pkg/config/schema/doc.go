// Package schema is the shape of certs.yaml, derived from the types of the API:
// which fields there are, which are required, which words they take, and the
// JSON Schema for editors. Rules between fields are those of package validation.
package schema
