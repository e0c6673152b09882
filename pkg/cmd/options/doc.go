// Package options lists the flags of kubectl that every command has. It does not define them.
package options
