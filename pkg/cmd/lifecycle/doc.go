// Package lifecycle is how a command ends when a signal stops it: what it must
// finish, how long that may take, and what is reported. It prints nothing.
package lifecycle
