// Package position finds the lines of objects and their fields in YAML text. It
// does not check the text.
package position
