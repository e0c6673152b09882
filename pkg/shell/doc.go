// Package shell quotes words for shells. It never runs one.
package shell
