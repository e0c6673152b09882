package manifest

import (
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

const gatewayAPI = "gateway.networking.k8s.io/v1"

// gateway builds a Gateway with one listener for plain HTTP and one for every
// host. The mode Terminate is the API's default and still written: cert-manager
// passes over listeners without it.
func gateway(g plan.Gateway) Object {
	from := map[string]bool{}
	for _, l := range g.Listeners {
		for _, namespace := range l.From {
			from[namespace] = true
		}
	}
	plain := map[string]any{"name": plan.PlainListener, "port": int64(80), "protocol": "HTTP"}
	if len(from) > 0 {
		// Every namespace whose routes may redirect, and the Gateway's own for challenges.
		from[g.Namespace] = true
		plain["allowedRoutes"] = allowedRoutes(sortedKeys(from))
	}
	listeners := []any{plain}
	for _, l := range g.Listeners {
		listener := map[string]any{
			"name": l.Name, "hostname": l.Host, "port": int64(443), "protocol": "HTTPS",
			"tls": map[string]any{"mode": "Terminate", "certificateRefs": []any{map[string]any{"name": l.Secret}}},
		}
		if len(l.From) > 0 {
			listener["allowedRoutes"] = allowedRoutes(l.From)
		}
		listeners = append(listeners, listener)
	}
	var annotations map[string]string
	if len(g.Asks) > 0 {
		annotations = annotate(g.Asks[0])
	}
	o := newObject(gatewayAPI, "Gateway", g.Object, annotations)
	o["spec"] = map[string]any{"gatewayClassName": g.Class, "listeners": listeners}
	return o
}

func allowedRoutes(namespaces []string) map[string]any {
	return map[string]any{"namespaces": map[string]any{
		"from": "Selector",
		"selector": map[string]any{"matchExpressions": []any{map[string]any{
			"key": "kubernetes.io/metadata.name", "operator": "In", "values": list(namespaces),
		}}},
	}}
}

// httpRoute builds an HTTPRoute: to Services, or from plain HTTP to https.
func httpRoute(r plan.Route) Object {
	parents := make([]any, len(r.Listeners))
	for i, listener := range r.Listeners {
		parent := map[string]any{"name": r.Gateway.Name, "sectionName": listener}
		if r.Gateway.Namespace != r.Namespace {
			parent["namespace"] = r.Gateway.Namespace
		}
		parents[i] = parent
	}
	rules := []any{map[string]any{"filters": []any{map[string]any{
		"type":            "RequestRedirect",
		"requestRedirect": map[string]any{"scheme": "https", "statusCode": int64(301)},
	}}}}
	if !r.Redirect {
		rules = routeRules(r.Paths)
	}
	o := newObject(gatewayAPI, "HTTPRoute", r.Object, nil)
	o["spec"] = map[string]any{"hostnames": list(r.Hosts), "parentRefs": parents, "rules": rules}
	return o
}

func routeRules(paths []spec.Route) []any {
	rules := make([]any, len(paths))
	for i, r := range paths {
		matchType := "PathPrefix"
		if r.PathType == spec.Exact {
			matchType = "Exact"
		}
		rules[i] = map[string]any{
			"matches":     []any{map[string]any{"path": map[string]any{"type": matchType, "value": r.Path}}},
			"backendRefs": []any{map[string]any{"name": r.Service, "port": int64(r.Port.IntVal)}},
		}
	}
	return rules
}
