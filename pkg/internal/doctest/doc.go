// Package doctest compares the generated part of a document with what it should
// be. It is for tests alone, and does not generate the text.
package doctest
