package manifest

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// StaticHosts returns the hosts with a static challenge route among objects.
// Such a route has the prefix v1alpha1.ChallengePath, and either
// v1alpha1.StaticLabel or a Service that has the label or the name
// plan.ResponderApp. A VirtualServerRoute counts if a VirtualServer refers to
// it. Routes without a host do not count, because routes with a host take
// precedence.
func StaticHosts(objects []Object) map[string]bool {
	s := statics{services: map[string]bool{plan.ResponderApp: true}, routes: map[string]Object{}, hosts: map[string]bool{}}
	for _, o := range objects {
		switch id := o.ID(); {
		case id.Group == "" && id.Kind == "Service" && isStatic(o):
			s.services[id.Name] = true
		case id.Group == nginxGroup && id.Kind == "VirtualServerRoute":
			s.routes[id.Namespace+"/"+id.Name] = o
		}
	}
	for _, o := range objects {
		switch id := o.ID(); {
		case id.Group == "networking.k8s.io" && id.Kind == "Ingress":
			s.ingress(o)
		case id.Group == nginxGroup && id.Kind == "VirtualServer":
			s.virtualServer(o)
		case id.Group == gatewayGroup && id.Kind == "HTTPRoute":
			s.httpRoute(o)
		}
	}
	delete(s.hosts, "")
	return s.hosts
}

func isStatic(o Object) bool { return o.Labels()[v1alpha1.StaticLabel] == v1alpha1.StaticValue }

type statics struct {
	services map[string]bool   // names of possible responders
	routes   map[string]Object // VirtualServerRoutes by namespace/name
	hosts    map[string]bool
}

// isChallenges reports whether a prefix is the path of challenges.
func isChallenges(path any) bool {
	p, _ := path.(string)
	return strings.TrimSuffix(p, "/")+"/" == v1alpha1.ChallengePath
}

func (s *statics) ingress(o Object) {
	for _, rule := range Maps(o.Map("spec")["rules"]) {
		for _, p := range Maps(Object(rule).Map("http")["paths"]) {
			service, _ := Object(p).Map("backend", "service")["name"].(string)
			if isChallenges(p["path"]) && p["pathType"] != "Exact" && (isStatic(o) || s.services[service]) {
				host, _ := rule["host"].(string)
				s.hosts[host] = true
			}
		}
	}
}

func (s *statics) virtualServer(o Object) {
	host, _ := o.Map("spec")["host"].(string)
	for _, r := range Maps(o.Map("spec")["routes"]) {
		if isChallenges(r["path"]) && s.leads(o, r) {
			s.hosts[host] = true
		}
	}
}

// leads reports whether a route of a VirtualServer leads to the responder,
// directly or through its VirtualServerRoute.
func (s *statics) leads(o Object, r map[string]any) bool {
	to, handsOn := r["route"].(string)
	if !handsOn {
		return s.passes(o, r)
	}
	if !strings.Contains(to, "/") {
		to = o.Namespace() + "/" + to
	}
	next := s.routes[to].Map("spec")
	return next["host"] == o.Map("spec")["host"] && slices.ContainsFunc(Maps(next["subroutes"]), func(sub map[string]any) bool {
		return isChallenges(sub["path"]) && (isStatic(s.routes[to]) || s.passes(s.routes[to], sub))
	})
}

// passes reports whether a route of an object leads to the responder.
func (s *statics) passes(o Object, route map[string]any) bool {
	upstream, _ := Object(route).Map("action")["pass"].(string)
	for _, u := range Maps(o.Map("spec")["upstreams"]) {
		service, _ := u["service"].(string)
		if u["name"] == upstream && s.services[service] {
			return true
		}
	}
	return false
}

func (s *statics) httpRoute(o Object) {
	for _, rule := range Maps(o.Map("spec")["rules"]) {
		leads := isStatic(o)
		for _, ref := range Maps(rule["backendRefs"]) {
			service, _ := ref["name"].(string)
			leads = leads || s.services[service]
		}
		for _, m := range Maps(rule["matches"]) {
			path := Object(m).Map("path")
			if kind, given := path["type"]; leads && isChallenges(path["value"]) && (!given || kind == "PathPrefix") {
				for _, host := range Texts(o.Map("spec")["hostnames"]) {
					s.hosts[host] = true
				}
			}
		}
	}
}
