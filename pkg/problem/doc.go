// Package problem has lists of errors, and the problems of a file with their
// lines. It does not print them.
package problem
