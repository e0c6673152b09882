// Package position finds the lines of objects and their fields in the YAML text
// that they were read from. It does not check the text.
package position
