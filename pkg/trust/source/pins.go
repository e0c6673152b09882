package source

import (
	"crypto/x509"
	"regexp"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
)

// Pinning is the result of Pin.
type Pinning struct {
	Entries            []cabundle.Entry // the pinned certificates, with Sent false
	Unpinned           []Chain          // chains without a pinned certificate
	Matched, Unmatched []cabundle.Pin
}

// Pin selects the pinned certificates of the chains of servers.
func Pin(chains []Chain, pins []cabundle.Pin) Pinning {
	var p Pinning
	for _, pin := range pins {
		if slices.ContainsFunc(chains, func(c Chain) bool { return len(cabundle.Pinned(c.Certs, []cabundle.Pin{pin})) > 0 }) {
			p.Matched = append(p.Matched, pin)
		} else {
			p.Unmatched = append(p.Unmatched, pin)
		}
	}
	for _, c := range chains {
		kept := cabundle.Pinned(c.Certs, pins)
		if len(kept) == 0 {
			p.Unpinned = append(p.Unpinned, c)
		}
		for i := range kept {
			kept[i].Sent = false
		}
		p.Entries = append(p.Entries, kept...)
	}
	return p
}

var fingerprint = regexp.MustCompile(`^(?i:sha256:)?((?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2})$`)

// shortened matches the beginning of a fingerprint, also as tables show it, with at
// least 8 digits if it has no colons.
var shortened = regexp.MustCompile(`^(?:(?i:sha256:)[0-9A-Fa-f:]*|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){1,30}:?|[0-9A-Fa-f]{8,63})(?:…|\.\.\.)?$`)

// Fingerprints splits arguments into fingerprints and sources. A fingerprint may
// have a prefix sha256: and colons.
func Fingerprints(args []string) (pins []cabundle.Pin, sources []string, err error) {
	for _, arg := range args {
		match := fingerprint.FindStringSubmatch(arg)
		if match == nil {
			sources = append(sources, arg)
			continue
		}
		pin, err := cabundle.ParsePin("sha256:" + match[1])
		if err != nil {
			return nil, nil, err
		}
		pins = append(pins, pin)
	}
	return pins, sources, nil
}

// PublicRoots returns the roots of the system, or nil if it has none.
func PublicRoots() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil || pool.Equal(x509.NewCertPool()) {
		return nil
	}
	return pool
}
