package manifest

import (
	"cmp"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

const (
	nginxGroup = "k8s.nginx.org"
	nginxAPI   = nginxGroup + "/v1"
)

// virtualServer builds a k8s.nginx.org/v1 VirtualServer.
func virtualServer(r plan.Route) Object {
	body := map[string]any{"host": r.Hosts[0]}
	if r.Class != "" {
		body["ingressClassName"] = r.Class
	}
	tls := map[string]any{"secret": r.Secret}
	if r.Request != nil {
		tls["cert-manager"] = certManagerBlock(*r.Request)
	}
	if r.Redirect {
		tls["redirect"] = map[string]any{"enable": true}
	}
	body["tls"] = tls
	ups, routes := upstreams(r.Paths)
	if r.Challenges != "" {
		routes = append(routes, map[string]any{"path": v1alpha1.ChallengePath, "route": r.Challenges})
	}
	body["upstreams"], body["routes"] = ups, routes
	o := newObject(nginxAPI, "VirtualServer", r.Object, nil)
	o["spec"] = body
	return o
}

// virtualServerRoute builds a k8s.nginx.org/v1 VirtualServerRoute.
func virtualServerRoute(r plan.Route) Object {
	body := map[string]any{"host": r.Hosts[0]}
	if r.Class != "" {
		body["ingressClassName"] = r.Class
	}
	body["upstreams"], body["subroutes"] = upstreams(r.Paths)
	o := newObject(nginxAPI, "VirtualServerRoute", r.Object, nil)
	o["spec"] = body
	return o
}

// upstreams returns one upstream for every Service and port, and the routes to
// them. If names are the same, it appends the port and then a number.
func upstreams(paths []v1alpha1.Route) (ups, routes []any) {
	type target struct {
		service string
		port    int32
	}
	names := map[target]string{}
	taken := map[string]bool{}
	for _, r := range paths {
		t := target{r.Service, r.Port.IntVal}
		if names[t] == "" {
			wanted := cmp.Or(r.Name, r.Service)
			name := wanted
			if taken[name] {
				name = suffixed(wanted, fmt.Sprintf("-%d", t.port))
			}
			for n := 2; taken[name]; n++ {
				name = suffixed(wanted, fmt.Sprintf("-%d-%d", t.port, n))
			}
			names[t], taken[name] = name, true
			ups = append(ups, map[string]any{"name": name, "service": r.Service, "port": int64(t.port)})
		}
		path := r.Path
		if r.PathType == v1alpha1.Exact {
			path = "=" + path
		}
		routes = append(routes, map[string]any{"path": path, "action": map[string]any{"pass": names[t]}})
	}
	return ups, routes
}

// suffixed shortens a name so that it is an RFC 1035 label with its suffix.
func suffixed(name, suffix string) string {
	name = name[:min(len(name), validation.DNS1035LabelMaxLength-len(suffix))]
	return strings.TrimRight(name, "-") + suffix
}
