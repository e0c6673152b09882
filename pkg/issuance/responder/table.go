package responder

import (
	"errors"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// Table is a fixed set of thumbprints by host. The zero value is empty. Fill it before use.
type Table struct {
	hosts map[string][]string
	rest  []string // for all other hosts
}

// thumbprintLength is the length of base64url of 32 bytes.
const thumbprintLength = 43

// Parse adds an account: THUMBPRINT for every host without an account of its own, or
// THUMBPRINT=HOST,HOST.
func (t *Table) Parse(text string) error {
	thumbprint, list, limited := strings.Cut(text, "=")
	hosts := strings.Split(list, ",")
	switch {
	case len(thumbprint) != thumbprintLength:
		return errors.New("must be 43 characters of base64url, the SHA-256 thumbprint of an account key (RFC 7638)")
	case !limited:
		t.AddRest(thumbprint)
	case slices.Contains(hosts, ""):
		return errors.New("empty host; list hosts after =, or omit = for every host")
	default:
		t.Add(thumbprint, hosts...)
	}
	return nil
}

// Add allows an account to validate some hosts.
func (t *Table) Add(thumbprint string, hosts ...string) {
	if t.hosts == nil {
		t.hosts = map[string][]string{}
	}
	for _, host := range hosts {
		host = issuance.CanonicalName(host)
		if !slices.Contains(t.hosts[host], thumbprint) {
			t.hosts[host] = append(t.hosts[host], thumbprint)
		}
	}
}

// AddRest allows an account to validate every host without an account of its own.
func (t *Table) AddRest(thumbprint string) { t.rest = append(t.rest, thumbprint) }

// Thumbprints returns the accounts of a host, for Responder.Thumbprints.
func (t *Table) Thumbprints(host string) []string {
	if own := t.hosts[host]; len(own) > 0 {
		return own
	}
	return t.rest
}
