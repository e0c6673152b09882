package routes

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// table reads a stream of objects.
func table(t *testing.T, yaml string) *Table {
	t.Helper()
	objects, err := manifest.Decode([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	var all Table
	for _, o := range objects {
		all.Set(o.ID(), Read(o))
	}
	return &all
}

// object is a manifest of a kind in a namespace; spec is its flow mapping.
func object(apiVersion, kind, namespace, spec string) string {
	return "---\n{apiVersion: " + apiVersion + ", kind: " + kind + ", metadata: {name: one, namespace: " + namespace + "}, " + spec + "}\n"
}

const (
	ingressV1 = "networking.k8s.io/v1"
	nginxV1   = "k8s.nginx.org/v1"
	gatewayV1 = "gateway.networking.k8s.io/v1"
)

func ingress(namespace, host string) string {
	return object(ingressV1, "Ingress", namespace, `spec: {rules: [{host: "`+host+`"}]}`)
}

// gateway has one listener, and further fields of the listener and of the spec.
func gateway(namespace, host, listener, more string) string {
	return object(gatewayV1, "Gateway", namespace, `spec: {listeners: [{name: web, port: 443, hostname: "`+host+`"`+listener+`}]`+more+`}`)
}

// httpRoute has one parent reference, to a Gateway or ListenerSet named one.
func httpRoute(namespace, hosts, parent, more string) string {
	return object(gatewayV1, "HTTPRoute", namespace, `spec: {hostnames: [`+hosts+`], parentRefs: [{name: one`+parent+`}]}`+more)
}

func TestNamespaces(t *testing.T) {
	const from = `, allowedRoutes: {namespaces: {from: `
	accepted := func(parent, value string) string {
		return `, status: {parents: [{parentRef: {name: one` + parent + `}, conditions: [{type: Accepted, status: "` + value + `"}]}]}`
	}
	set := func(namespace, host, more string) string {
		return object(gatewayV1, "ListenerSet", namespace, `spec: {parentRef: {name: one, namespace: infra}, listeners: [{name: web, port: 443, hostname: "`+host+`"`+more+`}]}`)
	}
	for _, tt := range []struct{ name, objects, host, want string }{
		{"nothing", "", "a.example.com", ""},
		{"Ingress", ingress("x", "a.example.com"), "a.example.com", "x"},
		{"Ingress in upper case", ingress("x", "A.Example.com"), "a.example.com", "x"},
		{"Ingress of another host", ingress("x", "b.example.com"), "a.example.com", ""},
		{"Ingress of a parent domain", ingress("x", "example.com"), "a.example.com", ""},
		{"Ingress of any host", ingress("x", ""), "a.example.com", ""},
		{"Ingress with a wildcard", ingress("x", "*.example.com"), "a.example.com", "x"},
		{"a wildcard in an Ingress is one label", ingress("x", "*.example.com"), "b.a.example.com", ""},
		{"a wildcard does not cover its parent", ingress("x", "*.example.com"), "example.com", ""},
		{"Ingress, tls and default backend", object(ingressV1, "Ingress", "x", `spec: {tls: [{hosts: [a.example.com]}]}`), "a.example.com", "x"},
		{"two namespaces", ingress("y", "a.example.com") + ingress("x", "a.example.com"), "a.example.com", "x y"},
		{"delegated VirtualServerRoute",
			object(nginxV1, "VirtualServer", "x", `spec: {host: a.example.com, routes: [{path: /, route: y/one}]}`) +
				object(nginxV1, "VirtualServerRoute", "y", `spec: {host: a.example.com}`),
			"a.example.com", "x y"},
		{"listener", gateway("infra", "a.example.com", "", ""), "a.example.com", "infra"},
		{"listener of any host", gateway("infra", "", "", ""), "a.example.com", "infra"},
		{"a wildcard of a listener is many labels", gateway("infra", "*.example.com", "", ""), "b.a.example.com", "infra"},
		{"listener of another host", gateway("infra", "b.example.com", "", ""), "a.example.com", ""},
		{"HTTPRoute in another namespace, allowed",
			gateway("infra", "*.example.com", from+`All}}`, "") + httpRoute("x", "a.example.com", ", namespace: infra", ""),
			"a.example.com", "infra x"},
		{"HTTPRoute in another namespace, not allowed by default",
			gateway("infra", "*.example.com", "", "") + httpRoute("x", "a.example.com", ", namespace: infra", ""),
			"a.example.com", "infra"},
		{"HTTPRoute of the same namespace",
			gateway("infra", "b.example.com", "", "") + httpRoute("infra", "a.example.com", "", ""),
			"a.example.com", ""},
		{"HTTPRoute without hostnames",
			gateway("infra", "*.example.com", from+`All}}`, "") + httpRoute("x", "", ", namespace: infra", ""),
			"a.example.com", "infra x"},
		{"HTTPRoute without a parent", httpRoute("x", "a.example.com", ", namespace: infra", ""), "a.example.com", ""},
		{"HTTPRoute to another section",
			gateway("infra", "*.example.com", from+`All}}`, "") + httpRoute("x", "a.example.com", ", namespace: infra, sectionName: other", ""),
			"a.example.com", "infra"},
		{"HTTPRoute to another port",
			gateway("infra", "*.example.com", from+`All}}`, "") + httpRoute("x", "a.example.com", ", namespace: infra, port: 80", ""),
			"a.example.com", "infra"},
		{"listener for other kinds",
			gateway("infra", "*.example.com", `, allowedRoutes: {kinds: [{kind: GRPCRoute}], namespaces: {from: All}}`, "") + httpRoute("x", "a.example.com", ", namespace: infra", ""),
			"a.example.com", "infra"},
		{"selector, accepted",
			gateway("infra", "*.example.com", from+`Selector}}`, "") + httpRoute("x", "a.example.com", ", namespace: infra", accepted(", namespace: infra", "True")),
			"a.example.com", "infra x"},
		{"selector, refused",
			gateway("infra", "*.example.com", from+`Selector}}`, "") + httpRoute("x", "a.example.com", ", namespace: infra", accepted(", namespace: infra", "False")),
			"a.example.com", "infra"},
		{"selector, accepted by another Gateway",
			gateway("infra", "*.example.com", from+`Selector}}`, "") + httpRoute("x", "a.example.com", ", namespace: infra", accepted(", namespace: other", "True")),
			"a.example.com", "infra"},
		{"what the status says does not widen Same",
			gateway("infra", "*.example.com", "", "") + httpRoute("x", "a.example.com", ", namespace: infra", accepted(", namespace: infra", "True")),
			"a.example.com", "infra"},
		{"ListenerSet, not allowed by default", gateway("infra", "b.example.com", "", "") + set("x", "a.example.com", ""), "a.example.com", ""},
		{"ListenerSet, allowed",
			gateway("infra", "b.example.com", "", `, allowedListeners: {namespaces: {from: All}}`) + set("x", "a.example.com", ""),
			"a.example.com", "x"},
		{"ListenerSet without its Gateway", set("x", "a.example.com", ""), "a.example.com", ""},
		{"HTTPRoute at a ListenerSet",
			gateway("infra", "b.example.com", "", `, allowedListeners: {namespaces: {from: All}}`) + set("x", "a.example.com", from+`All}}`) +
				httpRoute("y", "a.example.com", ", namespace: x, kind: ListenerSet", ""),
			"a.example.com", "x y"},
		{"HTTPRoute at a ListenerSet that is not allowed",
			gateway("infra", "b.example.com", "", "") + set("x", "a.example.com", from+`All}}`) +
				httpRoute("y", "a.example.com", ", namespace: x, kind: ListenerSet", ""),
			"a.example.com", ""},
		{"HTTPRoute at a Service", gateway("infra", "b.example.com", "", "") + httpRoute("x", "a.example.com", `, kind: Service, group: ""`, ""), "a.example.com", ""},
		{"other kinds", object("v1", "Service", "x", `spec: {host: a.example.com}`), "a.example.com", ""},
		{"an address", ingress("x", "a.example.com"), "10.0.0.1", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(table(t, tt.objects).Namespaces(tt.host), " ")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("namespaces of %s (-want +got):\n%s", tt.host, diff)
			}
		})
	}
}

// TestSet replaces and removes routes, and returns what that concerns.
func TestSet(t *testing.T) {
	var all Table
	id := manifest.ID{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "x", Name: "one"}
	route := func(hosts ...string) *Route { return &Route{Hosts: hosts} }
	for _, tt := range []struct {
		set       *Route
		concerned []string
		a, b      string // namespaces of the hosts a and b
	}{
		{nil, nil, "", ""},
		{route("a"), []string{"a"}, "x", ""},
		{route("a"), nil, "x", ""},
		{route("b", "a"), []string{"a", "a", "b"}, "x", "x"},
		{route("b"), []string{"a", "b", "b"}, "", "x"},
		{nil, []string{"b"}, "", ""},
	} {
		if diff := cmp.Diff(tt.concerned, all.Set(id, tt.set)); diff != "" {
			t.Errorf("Set(%v) concerns (-want +got):\n%s", tt.set, diff)
		}
		got := []string{strings.Join(all.Namespaces("a"), " "), strings.Join(all.Namespaces("b"), " ")}
		if diff := cmp.Diff([]string{tt.a, tt.b}, got); diff != "" {
			t.Errorf("after Set(%v), namespaces of a and b (-want +got):\n%s", tt.set, diff)
		}
	}
	gateway := manifest.ID{Group: gatewayGroup, Kind: "Gateway", Namespace: "x", Name: "one"}
	if diff := cmp.Diff([]string{""}, all.Set(gateway, &Route{Listeners: []Listener{{Host: "a"}}})); diff != "" {
		t.Errorf("a Gateway concerns (-want +got):\n%s", diff)
	}
	if len(all.hosts) != 1 {
		t.Errorf("hosts left behind: %v", all.hosts)
	}
}
