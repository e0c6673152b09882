package responder

import (
	"slices"
	"strings"
)

// Table is a fixed set of thumbprints by host. Its zero value is empty. Fill it
// before it is used.
type Table struct {
	hosts map[string][]string
	rest  []string // for every other host
}

// Add lets an account answer for some hosts and for no others.
func (t *Table) Add(thumbprint string, hosts ...string) {
	if t.hosts == nil {
		t.hosts = map[string][]string{}
	}
	for _, host := range hosts {
		host = strings.ToLower(host)
		if !slices.Contains(t.hosts[host], thumbprint) {
			t.hosts[host] = append(t.hosts[host], thumbprint)
		}
	}
}

// AddRest lets an account answer for every host that has no account of its own.
func (t *Table) AddRest(thumbprint string) { t.rest = append(t.rest, thumbprint) }

// Thumbprints is for Responder.Thumbprints.
func (t *Table) Thumbprints(host string) []string {
	if own := t.hosts[host]; len(own) > 0 {
		return own
	}
	return t.rest
}
