package watch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/routes"
)

func (b *requestIndex) refusal(ref issuance.Ref, host string) string {
	if b.mayValidate(ref, host) {
		return ""
	}
	owners := b.owners(host)
	if len(owners) == 0 {
		return fmt.Sprintf("waiting for a route: no Ingress, VirtualServer, Gateway listener or HTTPRoute has host %s; "+
			"add one in namespace %s, or allow the host with run --allow-host %s=%s", host, ref.Namespace, ref.Namespace, host)
	}
	return fmt.Sprintf("refused: host %s is routed in namespace %s, not in %s; allow it with run --allow-host %s=%s",
		host, strings.Join(owners, ", "), ref.Namespace, ref.Namespace, host)
}

// mayValidate reports whether the request for a Secret allows validation of a host.
func (b *requestIndex) mayValidate(ref issuance.Ref, host string) bool {
	return !b.shared || b.isGiven(ref) || slices.Contains(b.owners(host), ref.Namespace) || slices.ContainsFunc(b.grants, func(g Grant) bool {
		return g.Namespace == ref.Namespace && routes.Covers(strings.ToLower(g.Host), host)
	})
}

// owners returns the namespaces that route a host.
func (b *requestIndex) owners(host string) []string {
	owners, known := b.owned[host]
	if !known {
		owners = b.routes.Namespaces(host)
		b.owned[host] = owners
	}
	return owners
}

// isGiven reports whether the operator requested a Secret with -f or -k.
func (b *requestIndex) isGiven(ref issuance.Ref) bool {
	for id := range b.requesters[ref] {
		if b.given[id] {
			return true
		}
	}
	return false
}

// claims handles requests from outside. A host may be named by many Certificates, so the result
// is cached until the next change.
func (b *requestIndex) claims(host string) []issuance.Issuer {
	if b.names[host] == nil {
		return nil
	}
	issuers, known := b.claimed[host]
	if !known {
		issuers = b.claimants(host)
		b.claimed[host] = issuers
	}
	return issuers
}

func (b *requestIndex) claimants(host string) []issuance.Issuer {
	issuers, underWay := map[plan.IssuerKey]issuance.Issuer{}, map[plan.IssuerKey]bool{}
	for ref := range b.names[host] {
		if issuer, ok := b.issuerOf(ref); ok && b.mayValidate(ref, host) {
			key := issuer.Key()
			issuers[key] = issuer
			underWay[key] = underWay[key] || b.journals[ref].Order != ""
		}
	}
	return slices.SortedFunc(maps.Values(issuers), func(x, y issuance.Issuer) int {
		switch {
		case underWay[x.Key()] == underWay[y.Key()]:
			return cmp.Compare(x.Key().String(), y.Key().String())
		case underWay[x.Key()]:
			return -1
		}
		return 1
	})
}

// issuerOf returns the ACME issuer of a Secret; false if it is not known, or if requests for
// the Secret conflict.
func (b *requestIndex) issuerOf(ref issuance.Ref) (issuance.Issuer, bool) {
	needs := b.needsOf(ref)
	if len(needs) == 0 || plan.FirstConflict(needs) > 0 {
		return issuance.Issuer{}, false
	}
	issuer, known := b.issuers[plan.IssuerOf(needs[0])]
	return issuer, known && issuer.Spec.ACME != nil
}
