package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/routes"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// Grant lets a namespace prove control of a host that it does not route.
type Grant struct {
	Namespace string
	// Host is a name, or a wildcard that covers one or more labels.
	Host string
}

// Refusal says why the responder does not prove control of a host for a
// requested Secret, "" if it does. It does for what the operator requested, and
// where one namespace is watched. Where all are, the Secret's namespace must
// route the host or have a grant.
func (w *World) Refusal(ref run.Ref, host string) string {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.board.refusal(ref, hostKey(host))
}

// Claims returns the issuers whose accounts may prove control of a host: those
// of every request for it that is not refused. Issuers with an order under way
// come first.
func (w *World) Claims(host string) []run.Issuer {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.board.claims(hostKey(host))
}

func (b *board) refusal(ref run.Ref, host string) string {
	if !b.shared || b.isGiven(ref) || slices.ContainsFunc(b.grants, func(g Grant) bool {
		return g.Namespace == ref.Namespace && routes.Covers(strings.ToLower(g.Host), host)
	}) {
		return ""
	}
	switch owners := b.routes.Namespaces(host); {
	case slices.Contains(owners, ref.Namespace):
		return ""
	case len(owners) == 0:
		return fmt.Sprintf("waiting for a route: no Ingress, VirtualServer, Gateway listener or HTTPRoute has host %s; "+
			"add one in namespace %s, or allow the host with run --allow-host %s=%s", host, ref.Namespace, ref.Namespace, host)
	default:
		return fmt.Sprintf("refused: host %s is routed in namespace %s, not in %s; allow it with run --allow-host %s=%s",
			host, strings.Join(owners, ", "), ref.Namespace, ref.Namespace, host)
	}
}

// isGiven reports whether the operator requested a Secret, by -f or -k.
func (b *board) isGiven(ref run.Ref) bool {
	for id := range b.askers[ref] {
		if b.given[id] {
			return true
		}
	}
	return false
}

func (b *board) claims(host string) []run.Issuer {
	issuers, underWay := map[run.IssuerKey]run.Issuer{}, map[run.IssuerKey]bool{}
	for ref := range b.names[host] {
		if b.refusal(ref, host) != "" {
			continue
		}
		if e := b.entry(ref); e.Demand != nil && e.Demand.Problem == "" {
			key := e.Demand.Issuer.Key()
			issuers[key] = e.Demand.Issuer
			underWay[key] = underWay[key] || e.Journal.Order != ""
		}
	}
	return slices.SortedFunc(maps.Values(issuers), func(x, y run.Issuer) int {
		switch {
		case underWay[x.Key()] == underWay[y.Key()]:
			return cmp.Compare(x.Key().String(), y.Key().String())
		case underWay[x.Key()]:
			return -1
		}
		return 1
	})
}

// requesting returns the Secrets requested for a name that a host, as
// routes.Table.Set returns it, covers.
func (b *board) requesting(host string) []run.Ref {
	if host != "" && !strings.HasPrefix(host, "*") {
		return slices.Collect(maps.Keys(b.names[host]))
	}
	var refs []run.Ref
	for name, of := range b.names {
		if routes.Covers(host, name) {
			refs = slices.AppendSeq(refs, maps.Keys(of))
		}
	}
	return refs
}

// hostKey is a host in lower case, an address in its canonical form.
func hostKey(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String()
	}
	return strings.ToLower(host)
}
