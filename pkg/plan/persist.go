package plan

import (
	"strconv"
	"strings"
	"time"
)

// Persist is what the permanent TXT records of an ACME account say: that the
// CA may issue to it (draft-ietf-acme-dns-persist).
type Persist struct {
	// IssuerDomain is one of the caaIdentities of the CA's directory.
	IssuerDomain string
	// AccountURI is the account's, as the CA gave it out.
	AccountURI string
	// Until is when the records become void; zero means never.
	Until time.Time
}

// Record is a TXT record, its value as it is read from DNS.
type Record struct{ Name, Value string }

// Record returns the record that proves a domain, and where wildcard is set
// every name below it too.
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

// Records returns the records that prove some names, in the order of their
// first mention. A wildcard and the domain that it is below share one.
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
