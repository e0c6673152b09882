// Package renew requests that certificates be renewed now. It orders none: the
// next run does, or the one that keeps running.
package renew
