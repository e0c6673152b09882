package source

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// Pinning is what pins take of the chains of servers.
type Pinning struct {
	Entries            []trust.Entry // which count as files' from now on
	Unpinned           []Chain       // of which no certificate is pinned
	Matched, Unmatched []trust.Pin   // by some server
}

// Pin takes the pinned certificates of chains.
func Pin(chains []Chain, pins []trust.Pin) Pinning {
	var p Pinning
	for _, pin := range pins {
		if slices.ContainsFunc(chains, func(c Chain) bool { return len(trust.Pinned(c.Certs, []trust.Pin{pin})) > 0 }) {
			p.Matched = append(p.Matched, pin)
		} else {
			p.Unmatched = append(p.Unmatched, pin)
		}
	}
	for _, c := range chains {
		kept := trust.Pinned(c.Certs, pins)
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
