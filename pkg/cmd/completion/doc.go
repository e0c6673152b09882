// Package completion prints completion scripts for shells and for kubectl. It does not install them.
package completion
