package routes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

const (
	nginxGroup   = "k8s.nginx.org"
	gatewayGroup = "gateway.networking.k8s.io"
)

// Route has the hosts and listeners of an object that routes hosts.
type Route struct {
	// Hosts are names and wildcards in lower case. In an HTTPRoute "" means
	// every host of its listeners.
	Hosts []string
	// Listeners are the listeners of a Gateway or ListenerSet. Sets selects the
	// namespaces from which ListenerSets may attach to a Gateway.
	Listeners []Listener
	Sets      From
	// Parents are the parents of an HTTPRoute or a ListenerSet.
	Parents []Parent
}

// Listener is one listener of a Gateway or ListenerSet.
type Listener struct {
	Name string
	Host string // "" for any
	Port int64
	// HTTPRoutes reports whether HTTPRoutes may attach, From selects their
	// namespaces.
	HTTPRoutes bool
	From       From
}

// From selects the namespaces from which objects may attach (Gateway API,
// FromNamespaces). Value is Same, All, Selector or None. Namespace is that of
// the Gateway or ListenerSet.
type From struct{ Value, Namespace string }

// allows reports whether an object in a namespace may attach with a reference.
// The labels of namespaces are not known here, so a Selector allows what the
// controller has accepted.
func (f From) allows(namespace string, p Parent) bool {
	switch f.Value {
	case "All":
		return true
	case "Same":
		return namespace == f.Namespace
	case "Selector":
		return p.Accepted
	}
	return false
}

// Parent is a reference to a Gateway or a ListenerSet.
type Parent struct {
	ID      manifest.ID
	Section string // "" for every listener
	Port    int64  // 0 for every port
	// Accepted is true if the controller has accepted the reference.
	Accepted bool
}

// hosts are the names by which a table finds the route.
func (r *Route) hosts() []string {
	if r == nil {
		return nil
	}
	hosts := slices.Clone(r.Hosts)
	for _, l := range r.Listeners {
		hosts = append(hosts, l.Host)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// Read returns the route of an object, nil for objects of other kinds.
func Read(o manifest.Object) *Route {
	id := o.ID()
	switch {
	case id.Group == "networking.k8s.io" && id.Kind == "Ingress":
		return &Route{Hosts: ingressHosts(o)}
	case id.Group == nginxGroup && (id.Kind == "VirtualServer" || id.Kind == "VirtualServerRoute"):
		return &Route{Hosts: named(text(o.Map("spec"), "host"))}
	case id.Group == gatewayGroup && id.Kind == "Gateway":
		sets := o.Map("spec", "allowedListeners", "namespaces")
		return &Route{Listeners: listeners(o), Sets: From{cmp.Or(text(sets, "from"), "None"), id.Namespace}}
	case id.Group == gatewayGroup && id.Kind == "ListenerSet":
		return &Route{Listeners: listeners(o), Parents: parents(o, []any{o.Map("spec")["parentRef"]})}
	case id.Group == gatewayGroup && id.Kind == "HTTPRoute":
		refs, _ := o.Map("spec")["parentRefs"].([]any)
		r := &Route{Hosts: named(manifest.Texts(o.Map("spec")["hostnames"])...), Parents: parents(o, refs)}
		if len(r.Hosts) == 0 {
			r.Hosts = []string{""}
		}
		return r
	}
	return nil
}

// named returns hosts in lower case, without empty ones.
func named(hosts ...string) []string {
	var names []string
	for _, host := range hosts {
		if host = strings.ToLower(host); host != "" {
			names = append(names, host)
		}
	}
	return names
}

// ingressHosts are the hosts of rules and of tls, which may have hosts that
// only the default backend serves.
func ingressHosts(o manifest.Object) []string {
	var hosts []string
	for _, rule := range manifest.Maps(o.Map("spec")["rules"]) {
		hosts = append(hosts, text(rule, "host"))
	}
	for _, tls := range manifest.Maps(o.Map("spec")["tls"]) {
		hosts = append(hosts, manifest.Texts(tls["hosts"])...)
	}
	return named(hosts...)
}

func listeners(o manifest.Object) []Listener {
	var all []Listener
	for _, l := range manifest.Maps(o.Map("spec")["listeners"]) {
		allowed := manifest.Object(l).Map("allowedRoutes")
		kinds := manifest.Maps(allowed["kinds"])
		all = append(all, Listener{
			Name: text(l, "name"), Host: strings.ToLower(text(l, "hostname")), Port: number(l, "port"),
			HTTPRoutes: len(kinds) == 0 || slices.ContainsFunc(kinds, isHTTPRoute),
			From:       From{cmp.Or(text(manifest.Object(allowed).Map("namespaces"), "from"), "Same"), o.Namespace()},
		})
	}
	return all
}

func isHTTPRoute(kind map[string]any) bool {
	return text(kind, "kind") == "HTTPRoute" && cmp.Or(text(kind, "group"), gatewayGroup) == gatewayGroup
}

// parents reads references to Gateways and ListenerSets; others are left out.
func parents(o manifest.Object, refs []any) []Parent {
	var all []Parent
	for _, ref := range manifest.Maps(refs) {
		p := parent(o, ref)
		if p.ID.Group == gatewayGroup && (p.ID.Kind == "Gateway" || p.ID.Kind == "ListenerSet") {
			p.Accepted = accepted(o, p)
			all = append(all, p)
		}
	}
	return all
}

// parent reads one reference with the defaults of the Gateway API.
func parent(o manifest.Object, ref map[string]any) Parent {
	return Parent{
		ID: manifest.ID{
			Group: cmp.Or(text(ref, "group"), gatewayGroup), Kind: cmp.Or(text(ref, "kind"), "Gateway"),
			Namespace: cmp.Or(text(ref, "namespace"), o.Namespace()), Name: text(ref, "name"),
		},
		Section: text(ref, "sectionName"), Port: number(ref, "port"),
	}
}

// accepted reports whether the status of an object has a reference to a parent
// as accepted. A route has a status for each parent, a ListenerSet only one.
func accepted(o manifest.Object, p Parent) bool {
	if o.Kind() == "ListenerSet" {
		return isTrue(o.Map("status"), "Accepted")
	}
	return slices.ContainsFunc(manifest.Maps(o.Map("status")["parents"]), func(status map[string]any) bool {
		of := parent(o, manifest.Object(status).Map("parentRef"))
		return of == p && isTrue(status, "Accepted")
	})
}

func isTrue(status map[string]any, condition string) bool {
	return slices.ContainsFunc(manifest.Maps(status["conditions"]), func(c map[string]any) bool {
		return c["type"] == condition && c["status"] == "True"
	})
}

func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func number(m map[string]any, key string) int64 {
	n, _ := m[key].(int64)
	return n
}
