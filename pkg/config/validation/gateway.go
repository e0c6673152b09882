package validation

import (
	"cmp"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// maxListeners is the Gateway API's limit for one Gateway.
const maxListeners = 64

func (c *checker) gateways(at *strictyaml.Path, index *resolve.Index) {
	for id, members := range resolve.Gateways(c.certs) {
		listeners := map[string]bool{}
		why := index.WhyExplicitGateway(members)
		for _, i := range members {
			e := &c.certs.Expose[i]
			for j, host := range e.Hosts {
				listeners[host] = true
				if len(v1alpha1.ListenerName(host)) > validation.DNS1123SubdomainMaxLength && hostRule(host) == "" {
					c.bad(hostAt(e, at.Item(i), j), "gives a listener name of more than 253 characters")
				}
			}
			if e.Gateway.ClassName != c.certs.Expose[members[0]].Gateway.ClassName {
				c.bad(at.Item(i).At("gateway").At("className"), "Gateway %s has class %s in expose[%d]; it can have only one",
					resolve.FullName(id.Namespace, id.Name), c.certs.Expose[members[0]].Gateway.ClassName, members[0])
			}
			if why != "" && e.Certificate == v1alpha1.Annotation {
				c.bad(at.Item(i).At("certificate"), "annotation is not possible: %s; leave it out or write explicit", why)
			}
		}
		if len(listeners) >= maxListeners {
			c.bad(at.Item(members[len(members)-1]).At("gateway"), "Gateway %s has %d hosts, and at most %d are possible; use several Gateways",
				resolve.FullName(id.Namespace, id.Name), len(listeners), maxListeners-1)
		}
	}
}

// hosts reports hosts that two entries serve on one class or Gateway. On a
// Gateway two HTTPRoutes may share a host if they use one certificate.
type hosts struct {
	checker *checker
	first   map[string]int // entry by host and class or Gateway
	seen    map[string]*strictyaml.Path
	paths   map[string]map[string]int // entry by path, of shared hosts
}

func (h *hosts) expose(at *strictyaml.Path, i int, e *v1alpha1.Expose) {
	for j, host := range e.Hosts {
		key := host + " on " + servedBy(e)
		first, taken := h.first[key]
		if !taken || first == i || !isOnGateway(e) || !isOnGateway(&h.checker.certs.Expose[first]) {
			h.checker.unique(h.seen, "host", key, hostAt(e, at, j))
			if !taken {
				h.first[key] = i
			}
			continue
		}
		other := &h.checker.certs.Expose[first]
		if e.SecretName != other.SecretName || e.Issuer != "" && other.Issuer != "" {
			h.checker.bad(hostAt(e, at, j), "%s is also in expose[%d]; to add paths to it, write secretName: %s and leave out issuer", key, first, other.SecretName)
			continue
		}
		if h.paths[key] == nil {
			h.paths[key] = map[string]int{}
			h.share(key, first, nil)
		}
		h.share(key, i, at)
	}
}

// share records the paths of an entry, and reports those of an earlier entry.
func (h *hosts) share(key string, i int, at *strictyaml.Path) {
	seen := map[string]bool{} // duplicates in one entry are reported elsewhere
	for n, route := range h.checker.certs.Expose[i].Routes {
		p := string(cmp.Or(route.PathType, v1alpha1.Prefix)) + " " + route.Path
		switch first, taken := h.paths[key][p]; {
		case seen[p]:
		case taken:
			h.checker.bad(at.At("routes").Item(n).At("path"), "path %s of %s is also in expose[%d]", p, key, first)
		default:
			h.paths[key][p] = i
		}
		seen[p] = true
	}
}

func isOnGateway(e *v1alpha1.Expose) bool { return e.As == v1alpha1.HTTPRoute && e.Gateway != nil }
