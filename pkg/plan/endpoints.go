package plan

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// claims are the requests for the record of a domain, and whether it includes a
// wildcard.
type claims struct {
	by       []Persist
	wildcard map[Persist]bool
}

// endpoints plans the records of dns-persist-01 for external-dns. external-dns
// uses only one object per name, so every name is in the object of the first
// certificate that has it.
func (p *planner) endpoints() {
	wanted := map[string]*claims{}
	for _, n := range p.plan.Needs {
		persist, emits := p.persist(n)
		if !emits {
			continue
		}
		for _, name := range n.Certificate.DNSNames {
			domain, isWildcard := strings.CutPrefix(name, "*.")
			if wanted[domain] == nil {
				wanted[domain] = &claims{wildcard: map[Persist]bool{}}
			}
			wanted[domain].add(persist, isWildcard)
		}
	}
	for _, n := range p.plan.Needs {
		if _, emits := p.persist(n); emits {
			p.endpoint(n, wanted)
		}
	}
}

func (c *claims) add(persist Persist, wildcard bool) {
	if _, seen := c.wildcard[persist]; !seen {
		c.by = append(c.by, persist)
	}
	c.wildcard[persist] = c.wildcard[persist] || wildcard
}

// endpoint plans the records for the names of a need that no need before it
// had.
func (p *planner) endpoint(n Need, wanted map[string]*claims) {
	var records []Record
	var names []string
	for _, name := range n.Certificate.DNSNames {
		domain := strings.TrimPrefix(name, "*.")
		claimed := wanted[domain]
		if claimed == nil {
			continue
		}
		delete(wanted, domain)
		names = append(names, domain)
		for _, persist := range claimed.by {
			records = append(records, persist.Record(domain, claimed.wildcard[persist]))
		}
	}
	if len(records) == 0 {
		return
	}
	p.plan.Endpoints = append(p.plan.Endpoints, Endpoint{
		Object: Object{
			Namespace: n.Namespace, Name: n.Certificate.SecretName,
			Note: strings.Join(names, ", ") + ": permanent TXT record for dns-persist-01",
		},
		Records: records,
	})
}

// persist returns the content of the records of a need's issuer, and whether
// they are generated.
func (p *planner) persist(n Need) (persist Persist, emits bool) {
	issuer := p.index.Issuer(n.Namespace, n.Certificate.IssuerRef.Name)
	if issuer == nil || issuer.ACME == nil || issuer.ACME.DNSPersist == nil || issuer.ACME.DNSPersist.Emit != v1alpha1.ExternalDNS {
		return persist, false
	}
	d := issuer.ACME.DNSPersist
	until, _ := d.Until() // valid, as checked by config
	return Persist{IssuerDomain: d.IssuerDomain, AccountURI: d.AccountURI, Until: until}, true
}
