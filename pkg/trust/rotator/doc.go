// Package rotator gathers what a rotation depends on: the files that it names,
// what the cluster says, and what servers send. It never decides what is next,
// and it never writes.
package rotator
