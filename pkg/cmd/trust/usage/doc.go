// Package usage is the command that lists what in a cluster stops working without
// a CA. It changes nothing, and does not decide what needs a CA, which
// pkg/trust/usage does.
package usage
