// Package limits has limits for input: the size of files, the number of
// YAML documents in a file, and the nesting and aliases of YAML. It does not read
// files.
package limits
