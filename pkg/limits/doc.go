// Package limits has limits for input: the size of files, the number of
// objects, and the nesting and aliases of YAML. It does not read files.
package limits
