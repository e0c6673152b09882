package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

func (p *planner) gateways() {
	p.whyExplicit = map[resolve.GatewayID]string{}
	groups := resolve.Gateways(p.certs)
	ids := slices.SortedFunc(maps.Keys(groups), func(a, b resolve.GatewayID) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	for _, id := range ids {
		members := groups[id]
		p.whyExplicit[id] = p.index.WhyExplicitGateway(members)
		p.plan.Gateways = append(p.plan.Gateways, p.gateway(id, members))
	}
}

// allowed joins the findings that the members of a Gateway accept.
func (p *planner) allowed(members []int) string {
	var ids []string
	for _, i := range members {
		ids = append(ids, Allowed(p.certs.Expose[i].Annotations)...)
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), ",")
}

// Allowed are the IDs of findings that annotations accept.
func Allowed(annotations map[string]string) []string {
	var ids []string
	for id := range strings.SplitSeq(annotations[v1alpha1.AllowAnnotation], ",") {
		if id = strings.TrimSpace(id); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func (p *planner) gateway(id resolve.GatewayID, members []int) Gateway {
	first := &p.certs.Expose[members[0]]
	g := Gateway{
		Object: Object{Namespace: id.Namespace, Name: id.Name},
		Class:  first.Gateway.ClassName,
	}
	shared := p.whyExplicit[id] == "" // its annotations request all certificates
	if shared {
		g.Labels = with(nil, v1alpha1.SolverLabel, p.label(first))
	}
	g.Annotations = with(nil, v1alpha1.AllowAnnotation, p.allowed(members))
	from := map[string]map[string]bool{} // namespaces by host, which several routes may share
	for _, i := range members {
		e := &p.certs.Expose[i]
		if r := p.certs.Responder; r.Namespace != id.Namespace && len(p.index.StaticHosts(e)) > 0 {
			g.Challenges = r.Namespace
		}
		for _, host := range e.Hosts {
			if from[host] == nil {
				from[host] = map[string]bool{}
				g.Listeners = append(g.Listeners, Listener{Name: v1alpha1.ListenerName(host), Host: host, Secret: e.SecretName})
			}
			from[host][e.Namespace] = true
		}
		if shared {
			issuer := p.index.Issuer(id.Namespace, e.Issuer)
			g.Requests = append(g.Requests, Need{
				Namespace: id.Namespace, Certificate: certificateSpec(e.SecretName, e.Hosts, issuer, e.Options), Labels: g.Labels,
				Profile: profile(issuer), Gateway: id.Name, By: Source{Kind: "Gateway", Namespace: id.Namespace, Name: id.Name},
			})
		}
	}
	for i := range g.Listeners {
		if namespaces := slices.Sorted(maps.Keys(from[g.Listeners[i].Host])); !slices.Equal(namespaces, []string{id.Namespace}) {
			g.Listeners[i].From = namespaces
		}
	}
	g.Note = "TLS for " + summarise(g.Listeners)
	p.plan.Needs = append(p.plan.Needs, g.Requests...)
	return g
}

func (p *planner) httpRoute(e *v1alpha1.Expose) {
	id := resolve.GatewayID{Namespace: e.Gateway.Namespace, Name: e.Gateway.Name}
	r := route(e)
	r.Class, r.Gateway = "", id
	for _, host := range e.Hosts {
		r.Listeners = append(r.Listeners, v1alpha1.ListenerName(host))
	}
	plain := e.Redirect != nil && !*e.Redirect
	if plain {
		r.Listeners = append(r.Listeners, PlainListener)
	}
	p.plan.Routes = append(p.plan.Routes, r)
	if e.Redirect != nil && *e.Redirect {
		redirect := route(e)
		redirect.Name, redirect.Class, redirect.Gateway = e.RedirectName(), "", id
		redirect.Paths, redirect.Secret, redirect.Redirect = nil, "", true
		redirect.Listeners = []string{PlainListener}
		redirect.Note = strings.Join(e.Hosts, ", ") + ": redirects plain HTTP to HTTPS"
		p.plan.Routes = append(p.plan.Routes, redirect)
	}
	if e.Issuer != "" && p.whyExplicit[id] != "" {
		annotations := map[string]string{}
		if p.index.UsesHTTP01(e) || p.index.MayUseHTTP01(e) {
			annotations[ParentRefName] = id.Name
			annotations[ParentRefKind] = "Gateway"
		}
		p.explicit(e, annotations)
	}
}

func summarise(listeners []Listener) string {
	var hosts []string
	for i, l := range listeners {
		if i == 3 && len(listeners) > 4 {
			return strings.Join(hosts, ", ") + " and others"
		}
		hosts = append(hosts, l.Host)
	}
	return strings.Join(hosts, ", ")
}
