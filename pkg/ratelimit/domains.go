package ratelimit

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Domains returns the registered domains (public suffix plus one label) and IP addresses of
// names.
func Domains(names []string) []string {
	var found []string
	for _, name := range names {
		domain := name
		if _, err := netip.ParseAddr(name); err != nil {
			registered, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimPrefix(name, "*."))
			if err == nil {
				domain = registered
			}
		}
		if !slices.Contains(found, domain) {
			found = append(found, domain)
		}
	}
	return found
}
