// Package source reads what operands name: stdin, files, folders and git
// revisions, as objects with their positions. It does not judge or compare them.
package source
