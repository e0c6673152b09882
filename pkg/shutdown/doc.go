// Package shutdown gives requests in flight some time after a signal. It does not handle
// signals.
package shutdown
