// Package hint attaches advice to errors: what the user can do next. It does not
// print it.
package hint
