// Package source reads what operands and -f name: stdin, files, folders and git
// revisions, as objects with their positions. It does not judge or compare them.
package source
