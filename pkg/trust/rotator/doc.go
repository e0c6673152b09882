// Package rotator gathers the facts of a rotation: its files, the state of the
// cluster, and the chains that servers send. It never decides what is next, and
// it never writes.
package rotator
