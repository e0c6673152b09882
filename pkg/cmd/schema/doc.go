// Package schema prints the JSON Schema of certs.yaml. It does not validate a file.
package schema
