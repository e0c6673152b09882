package manifest

import (
	"cmp"

	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// ingress builds a networking.k8s.io/v1 Ingress.
func ingress(r plan.Route) Object {
	var annotations map[string]string
	if r.Request != nil {
		annotations = annotate(*r.Request)
	}
	body := map[string]any{}
	if r.Class != "" {
		body["ingressClassName"] = r.Class
	}
	if r.Secret != "" {
		body["tls"] = []any{map[string]any{"hosts": list(r.Hosts), "secretName": r.Secret}}
	}
	rules := make([]any, len(r.Hosts))
	for i, host := range r.Hosts {
		rule := map[string]any{"host": host}
		if len(r.Paths) > 0 {
			rule["http"] = map[string]any{"paths": ingressPaths(r.Paths)}
		}
		rules[i] = rule
	}
	body["rules"] = rules
	o := newObject("networking.k8s.io/v1", "Ingress", r.Object, annotations)
	o["spec"] = body
	return o
}

func ingressPaths(routes []v1alpha1.Route) []any {
	paths := make([]any, len(routes))
	for i, r := range routes {
		port := map[string]any{"number": int64(r.Port.IntVal)}
		if r.Port.Type == intstr.String {
			port = map[string]any{"name": r.Port.StrVal}
		}
		paths[i] = map[string]any{
			"path":     r.Path,
			"pathType": string(cmp.Or(r.PathType, v1alpha1.Prefix)),
			"backend":  map[string]any{"service": map[string]any{"name": r.Service, "port": port}},
		}
	}
	return paths
}
