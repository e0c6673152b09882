// Package schema has the schema of certs.yaml, derived from the types of the
// API: the fields, which of them are required, their allowed values, and the
// JSON Schema for editors. It does not check rules between fields, as package
// validation does.
package schema
