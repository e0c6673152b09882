// Package limits bounds what is read: the size of files, the number of objects,
// the nesting and the aliases of YAML. It does not read files.
package limits
