// Package hint attaches advice to errors: what the user can do next. It finds the
// word that was probably meant too, and prints nothing.
package hint
