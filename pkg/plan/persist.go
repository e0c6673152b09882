package plan

import (
	"strconv"
	"strings"
	"time"
)

// Persist is the content of the permanent TXT records that allow the CA to
// issue to an ACME account (draft-ietf-acme-dns-persist).
type Persist struct {
	// IssuerDomain is one of the caaIdentities of the CA's directory.
	IssuerDomain string
	// AccountURI is the URI of the account, as returned by the CA.
	AccountURI string
	// Until is when the records expire; zero means never.
	Until time.Time
}

// Record is a TXT record with its unquoted value.
type Record struct{ Name, Value string }

// Record returns the record that validates a domain, and with wildcard also
// every name below it.
func (p Persist) Record(domain string, wildcard bool) Record {
	value := p.IssuerDomain + "; accounturi=" + p.AccountURI
	if wildcard {
		value += "; policy=wildcard"
	}
	if !p.Until.IsZero() {
		value += "; persistUntil=" + strconv.FormatInt(p.Until.Unix(), 10)
	}
	return Record{Name: "_validation-persist." + domain, Value: value}
}

// Records returns the records that validate names, in the order of their first
// mention. A wildcard shares the record of its domain.
func (p Persist) Records(names []string) []Record {
	var domains []string
	wildcard := map[string]bool{}
	for _, name := range names {
		domain, isWildcard := strings.CutPrefix(name, "*.")
		if _, seen := wildcard[domain]; !seen {
			domains = append(domains, domain)
		}
		wildcard[domain] = wildcard[domain] || isWildcard
	}
	records := make([]Record, len(domains))
	for i, domain := range domains {
		records[i] = p.Record(domain, wildcard[domain])
	}
	return records
}
