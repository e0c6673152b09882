package manifest

import (
	"maps"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

const (
	gatewayGroup = "gateway.networking.k8s.io"
	gatewayAPI   = gatewayGroup + "/v1"
)

// The defaults of the Gateway API's CRDs within lists are included: Argo CD
// compares the lists of custom resources as a whole, and would always show an
// object without them as out of sync.

// gateway builds a Gateway with one listener for plain HTTP and one for every
// host. cert-manager skips listeners without the mode Terminate.
func gateway(g plan.Gateway) Object {
	from := map[string]bool{}
	for _, l := range g.Listeners {
		for _, namespace := range l.From {
			from[namespace] = true
		}
	}
	if g.Challenges != "" {
		from[g.Challenges] = true
	}
	if len(from) > 0 {
		from[g.Namespace] = true // for challenges of cert-manager
	}
	listeners := []any{map[string]any{
		"name": plan.PlainListener, "port": int64(80), "protocol": "HTTP", "allowedRoutes": allowedRoutes(slices.Sorted(maps.Keys(from))),
	}}
	for _, l := range g.Listeners {
		secret := map[string]any{"group": "", "kind": "Secret", "name": l.Secret}
		listeners = append(listeners, map[string]any{
			"name": l.Name, "hostname": l.Host, "port": int64(443), "protocol": "HTTPS", "allowedRoutes": allowedRoutes(l.From),
			"tls": map[string]any{"mode": "Terminate", "certificateRefs": []any{secret}},
		})
	}
	var annotations map[string]string
	if len(g.Requests) > 0 {
		annotations = annotate(g.Requests[0])
	}
	o := newObject(gatewayAPI, "Gateway", g.Object, annotations)
	o["spec"] = map[string]any{"gatewayClassName": g.Class, "listeners": listeners}
	return o
}

// allowedRoutes lets routes of the given namespaces attach, or if there are
// none, those of the Gateway's namespace.
func allowedRoutes(namespaces []string) map[string]any {
	if len(namespaces) == 0 {
		return map[string]any{"namespaces": map[string]any{"from": "Same"}}
	}
	return map[string]any{"namespaces": map[string]any{
		"from": "Selector",
		"selector": map[string]any{"matchExpressions": []any{map[string]any{
			"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(namespaces),
		}}},
	}}
}

// httpRoute builds an HTTPRoute: to Services, or a redirect from plain HTTP to
// HTTPS.
func httpRoute(r plan.Route) Object {
	parents := make([]any, len(r.Listeners))
	for i, listener := range r.Listeners {
		parent := map[string]any{"group": gatewayGroup, "kind": "Gateway", "name": r.Gateway.Name, "sectionName": listener}
		if r.Gateway.Namespace != r.Namespace {
			parent["namespace"] = r.Gateway.Namespace
		}
		parents[i] = parent
	}
	rules := routeRules(r.Paths)
	if r.Redirect {
		rules = redirectRules()
	}
	o := newObject(gatewayAPI, "HTTPRoute", r.Object, nil)
	o["spec"] = map[string]any{"hostnames": list(r.Hosts), "parentRefs": parents, "rules": rules}
	return o
}

func redirectRules() []any {
	return []any{map[string]any{
		"matches": []any{pathMatch("PathPrefix", "/")},
		"filters": []any{map[string]any{
			"type":            "RequestRedirect",
			"requestRedirect": map[string]any{"scheme": "https", "statusCode": int64(301)},
		}},
	}}
}

func pathMatch(matchType, path string) map[string]any {
	return map[string]any{"path": map[string]any{"type": matchType, "value": path}}
}

func routeRules(paths []v1alpha1.Route) []any {
	rules := make([]any, len(paths))
	for i, r := range paths {
		matchType := "PathPrefix"
		if r.PathType == v1alpha1.Exact {
			matchType = "Exact"
		}
		rules[i] = map[string]any{
			"matches": []any{pathMatch(matchType, r.Path)},
			"backendRefs": []any{map[string]any{
				"group": "", "kind": "Service", "name": r.Service, "port": int64(r.Port.IntVal), "weight": int64(1),
			}},
		}
	}
	return rules
}
