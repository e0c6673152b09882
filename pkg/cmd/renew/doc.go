// Package renew requests that certificates be renewed now. It places no
// orders: a running run does, or the next.
package renew
