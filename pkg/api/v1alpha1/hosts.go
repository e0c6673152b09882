package v1alpha1

import (
	"strings"
)

// IsWildcard reports whether a host name starts with "*.".
func IsWildcard(host string) bool { return strings.HasPrefix(host, "*.") }

// Covers reports whether a certificate name is valid for a host: the same name,
// or a wildcard in place of the first label (RFC 9525 §6.3).
func Covers(name, host string) bool {
	if name == host {
		return true
	}
	parent, wildcard := strings.CutPrefix(name, "*.")
	label, rest, found := strings.Cut(host, ".")
	return wildcard && found && label != "*" && rest == parent
}
