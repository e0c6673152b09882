package routes

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Table has the routes of a cluster, or of a set of manifests. The zero value
// is empty and ready to use. A Table is not safe for concurrent use.
type Table struct {
	routes map[manifest.ID]*Route
	// hosts has the routes by host: a name, a wildcard, or "" for any host.
	hosts map[string]map[manifest.ID]bool
}

// Set sets the route of an object; nil removes it. It returns the hosts, as in
// Route, that the change may affect; none if nothing changed.
func (t *Table) Set(id manifest.ID, route *Route) []string {
	old := t.routes[id]
	if reflect.DeepEqual(old, route) {
		return nil
	}
	if t.routes == nil {
		t.routes, t.hosts = map[manifest.ID]*Route{}, map[string]map[manifest.ID]bool{}
	}
	for _, host := range old.hosts() {
		if delete(t.hosts[host], id); len(t.hosts[host]) == 0 {
			delete(t.hosts, host)
		}
	}
	if delete(t.routes, id); route != nil {
		t.routes[id] = route
	}
	for _, host := range route.hosts() {
		if t.hosts[host] == nil {
			t.hosts[host] = map[manifest.ID]bool{}
		}
		t.hosts[host][id] = true
	}
	if id.Kind == "Gateway" { // it also affects the hosts of its ListenerSets and routes
		return []string{""}
	}
	return slices.Concat(old.hosts(), route.hosts())
}

// Covers reports whether a host returned by Set covers a host.
func Covers(name, host string) bool { return slices.Contains(covering(host), name) }

// Namespaces returns the namespaces that route a host, sorted:
//
//   - of each Ingress, VirtualServer and VirtualServerRoute with that host;
//   - of each listener that covers it, of a Gateway or of a ListenerSet that its
//     Gateway allows;
//   - of each HTTPRoute with that host that such a listener allows.
//
// A wildcard in an Ingress covers one label (Kubernetes API, IngressRule.host);
// elsewhere it covers one or more (Gateway API, Hostname).
func (t *Table) Namespaces(host string) []string {
	found := map[string]bool{}
	for _, name := range covering(host) {
		for id := range t.hosts[name] {
			if t.leads(id, name, host) {
				found[id.Namespace] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// leads reports whether a route with a name that covers a host routes the host.
func (t *Table) leads(id manifest.ID, name, host string) bool {
	switch id.Kind {
	case "Ingress":
		return name == host || oneLabel(name, host)
	case "ListenerSet":
		return t.attached(id)
	case "HTTPRoute":
		return slices.ContainsFunc(t.routes[id].Parents, func(p Parent) bool { return t.accepted(id, p, host) })
	}
	return true
}

// accepted reports whether a listener of a parent allows a route and covers the
// host.
func (t *Table) accepted(id manifest.ID, p Parent, host string) bool {
	parent := t.routes[p.ID]
	if parent == nil || p.ID.Kind == "ListenerSet" && !t.attached(p.ID) {
		return false
	}
	return slices.ContainsFunc(parent.Listeners, func(l Listener) bool {
		return (p.Section == "" || p.Section == l.Name) && (p.Port == 0 || p.Port == l.Port) &&
			l.HTTPRoutes && l.From.allows(id.Namespace, p) && Covers(l.Host, host)
	})
}

// attached reports whether the Gateway of a ListenerSet allows it.
func (t *Table) attached(id manifest.ID) bool {
	return slices.ContainsFunc(t.routes[id].Parents, func(p Parent) bool {
		gateway := t.routes[p.ID]
		return gateway != nil && p.ID.Kind == "Gateway" && gateway.Sets.allows(id.Namespace, p)
	})
}

// covering returns the names that cover a host: itself, its wildcards, and "".
func covering(host string) []string {
	names := []string{host}
	for rest := host; ; {
		_, parent, found := strings.Cut(rest, ".")
		if !found {
			return append(names, "")
		}
		names = append(names, "*."+parent)
		rest = parent
	}
}

// oneLabel reports whether a wildcard covers exactly one label of a host.
func oneLabel(wildcard, host string) bool {
	_, parent, _ := strings.Cut(host, ".")
	return wildcard == "*."+parent
}
