package manifest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestStaticHosts reads routes that people wrote, and ours after people had
// their hands on them.
func TestStaticHosts(t *testing.T) {
	const label = "labels: {kubectl-certs.dev/http01: static}"
	service := func(name, metadata string) string {
		return "{apiVersion: v1, kind: Service, metadata: {name: " + name + ", " + metadata + "}}"
	}
	ingress := func(metadata, host, path, backend string) string {
		return "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, " + metadata + "}, spec: {rules: [{" + host + "http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web}}}, {" + path + ", backend: {service: {name: " + backend + "}}}]}}]}}"
	}
	virtualServer := func(route string) string {
		return "{apiVersion: k8s.nginx.org/v1, kind: VirtualServer, metadata: {name: a, namespace: app}, spec: {host: a.example.com, upstreams: [{name: web, service: web}, {name: acme, service: certs-responder}], routes: [{path: /, action: {pass: acme}}, {" + route + "}]}}"
	}
	route := func(metadata, host, path, backend string) string {
		return "{apiVersion: k8s.nginx.org/v1, kind: VirtualServerRoute, metadata: {name: r, namespace: edge, " + metadata + "}, spec: {host: " + host + ", upstreams: [{name: acme, service: " + backend + "}], subroutes: [{path: " + path + ", action: {pass: acme}}]}}"
	}
	httpRoute := func(metadata, hosts, match, backend string) string {
		return "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a, " + metadata + "}, spec: {" + hosts + "rules: [{matches: [{path: {value: /}}], backendRefs: [{name: web}]}, {matches: [{method: GET}, {path: {" + match + "}}], backendRefs: [{name: " + backend + "}]}]}}"
	}
	const (
		host     = "host: a.example.com, "
		hosts    = "hostnames: [a.example.com], "
		path     = "path: /.well-known/acme-challenge/, pathType: Prefix"
		vsPath   = "/.well-known/acme-challenge/"
		match    = "type: PathPrefix, value: /.well-known/acme-challenge"
		handOn   = "path: /.well-known/acme-challenge/, route: edge/r"
		handHere = "path: /.well-known/acme-challenge/, route: r"
	)
	for name, c := range map[string]struct {
		source string
		static bool
	}{
		"Ingress, by label":                        {ingress(label, host, path, "any"), true},
		"Ingress, by Service":                      {ingress("", host, path, "certs-responder"), true},
		"Ingress, by the Service's label":          {service("acme", label) + ", " + ingress("", host, path, "acme"), true},
		"Ingress, a Service like any":              {service("acme", "") + ", " + ingress("", host, path, "acme"), false},
		"Ingress, without the last slash":          {ingress("", host, "path: /.well-known/acme-challenge, pathType: ImplementationSpecific", "certs-responder"), true},
		"Ingress, an exact path":                   {ingress(label, host, "path: /.well-known/acme-challenge/, pathType: Exact", "certs-responder"), false},
		"Ingress, one challenge":                   {ingress(label, host, "path: /.well-known/acme-challenge/token, pathType: Prefix", "certs-responder"), false},
		"Ingress, another path":                    {ingress(label, host, "path: /x, pathType: Prefix", "certs-responder"), false},
		"Ingress, another backend":                 {ingress("", host, path, "web"), false},
		"Ingress, no host":                         {ingress(label, "", path, "certs-responder"), false},
		"VirtualServer, by label":                  {virtualServer(handOn) + ", " + route(label, "a.example.com", vsPath, "any"), true},
		"VirtualServer, by Service":                {route("", "a.example.com", vsPath, "certs-responder") + ", " + virtualServer(handOn), true},
		"VirtualServer, itself":                    {virtualServer("path: " + vsPath + ", action: {pass: acme}"), true},
		"VirtualServer, itself elsewhere":          {virtualServer("path: " + vsPath + ", action: {pass: web}"), false},
		"VirtualServer, without a reference to it": {virtualServer("path: /x, route: edge/r") + ", " + route(label, "a.example.com", vsPath, "certs-responder"), false},
		"VirtualServer, the route is not there":    {virtualServer(handOn), false},
		"VirtualServer, one in its own namespace":  {virtualServer(handHere) + ", " + route(label, "a.example.com", vsPath, "certs-responder"), false},
		"VirtualServer, for another host":          {virtualServer(handOn) + ", " + route(label, "b.example.com", vsPath, "certs-responder"), false},
		"VirtualServer, another path below":        {virtualServer(handOn) + ", " + route(label, "a.example.com", vsPath+"x", "certs-responder"), false},
		"VirtualServer, another backend":           {virtualServer(handOn) + ", " + route("", "a.example.com", vsPath, "web"), false},
		"VirtualServer, the route alone":           {route(label, "a.example.com", vsPath, "certs-responder"), false},
		"HTTPRoute, by label":                      {httpRoute(label, hosts, match, "any"), true},
		"HTTPRoute, by Service":                    {httpRoute("", hosts, match, "certs-responder"), true},
		"HTTPRoute, the default type":              {httpRoute("", hosts, "value: /.well-known/acme-challenge/", "certs-responder"), true},
		"HTTPRoute, an exact path":                 {httpRoute(label, hosts, "type: Exact, value: /.well-known/acme-challenge/", "certs-responder"), false},
		"HTTPRoute, another path":                  {httpRoute(label, hosts, "type: PathPrefix, value: /x", "certs-responder"), false},
		"HTTPRoute, another backend":               {httpRoute("", hosts, match, "web"), false},
		"HTTPRoute, no host":                       {httpRoute(label, "", match, "certs-responder"), false},
		"a Service of another group":               {strings.Replace(service("acme", label), "v1", "serving.knative.dev/v1", 1) + ", " + ingress("", host, path, "acme"), false},
		"a label on another kind":                  {strings.Replace(service("acme", label), "Service", "Endpoints", 1) + ", " + ingress("", host, path, "acme"), false},
		"a VirtualServer of another group":         {strings.Replace(virtualServer("path: "+vsPath+", action: {pass: acme}"), "k8s.nginx.org", "example.com", 1), false},
		"a TransportServer":                        {strings.Replace(virtualServer("path: "+vsPath+", action: {pass: acme}"), "VirtualServer", "TransportServer", 1), false},
		"a route of another group":                 {virtualServer(handOn) + ", " + strings.Replace(route(label, "a.example.com", vsPath, "any"), "k8s.nginx.org", "example.com", 1), false},
		"a route of another kind":                  {virtualServer(handOn) + ", " + strings.Replace(route(label, "a.example.com", vsPath, "any"), "VirtualServerRoute", "Policy", 1), false},
		"an HTTPRoute of another group":            {strings.Replace(httpRoute(label, hosts, match, "any"), "gateway.networking.k8s.io", "example.com", 1), false},
		"a GRPCRoute":                              {strings.Replace(httpRoute(label, hosts, match, "any"), "HTTPRoute", "GRPCRoute", 1), false},
		"an Ingress of another kind":               {strings.Replace(ingress(label, host, path, "any"), "kind: Ingress", "kind: IngressClass", 1), false},
		"another kind":                             {"{apiVersion: example.com/v1, kind: Ingress, metadata: {name: a, " + label + "}, spec: {rules: [{" + host + "http: {paths: [{" + path + ", backend: {service: {name: certs-responder}}}]}}]}}", false},
	} {
		got := manifest.StaticHosts(decode(t, "{apiVersion: v1, kind: List, items: ["+c.source+"]}"))
		want := map[string]bool{}
		if c.static {
			want["a.example.com"] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestStaticHostsOfMany has several hosts in one object.
func TestStaticHostsOfMany(t *testing.T) {
	got := manifest.StaticHosts(decode(t, `{apiVersion: v1, kind: List, items: [
		{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [
			{host: a.example.com, http: {paths: [{path: /.well-known/acme-challenge/, pathType: Prefix, backend: {service: {name: certs-responder}}}]}},
			{host: b.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: certs-responder}}}]}},
			{host: c.example.com}]}},
		{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}, spec: {hostnames: [d.example.com, e.example.com], rules: [
			{matches: [{path: {type: PathPrefix, value: /.well-known/acme-challenge}}], backendRefs: [{name: certs-responder}]}]}}]}`))
	if diff := cmp.Diff(map[string]bool{"a.example.com": true, "d.example.com": true, "e.example.com": true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
