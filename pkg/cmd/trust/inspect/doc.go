// Package inspect shows which CA certificates there are, and what is wrong with
// them. It does not write them.
package inspect
