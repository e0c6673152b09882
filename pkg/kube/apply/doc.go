// Package apply applies objects by server-side apply, shows what that would
// change, and finds the objects of a set that are left over. It does not decide
// what should be in the cluster, nor what may be pruned.
package apply
