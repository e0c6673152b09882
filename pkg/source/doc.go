// Package source reads the objects of operands and -f with their positions:
// from stdin, files, folders and git revisions. It does not check or compare
// them.
package source
