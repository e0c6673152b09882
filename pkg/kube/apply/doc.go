// Package apply applies objects with server-side apply, previews the changes,
// and finds leftover objects of a set. It does not decide what should be in the
// cluster or what may be pruned.
package apply
