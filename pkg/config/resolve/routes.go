package resolve

import "github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"

// RouteObject names an object that has routes, and its host.
type RouteObject struct {
	Kind, Namespace, Name string
	Host                  int // by index, -1 for all hosts of the entry
}

// RouteObjects calls visit with every object that has routes of e.
func (x *Index) RouteObjects(e *v1alpha1.Expose, visit func(RouteObject)) {
	own := func(name string, host int) { visit(RouteObject{string(e.As), e.Namespace, name, host}) }
	static := func(kind string, host int) {
		visit(RouteObject{kind, x.certs.Responder.Namespace, e.StaticName(max(0, host)), host})
	}
	hosts := x.StaticHosts(e)
	switch {
	case e.As == v1alpha1.VirtualServer:
		for i := range e.Hosts {
			own(e.HostName(i), i)
		}
		for _, i := range hosts {
			static("VirtualServerRoute", i)
		}
	case e.As == v1alpha1.Ingress && x.Style(e).Mode == v1alpha1.Mergeable:
		for i := range e.Hosts {
			own(e.HostName(i), i)
			own(e.MinionName(i), i)
		}
		for _, i := range hosts {
			static("Ingress", i)
		}
	default:
		own(e.Name, -1)
		if e.As == v1alpha1.HTTPRoute && e.Redirect != nil && *e.Redirect {
			own(e.RedirectName(), -1)
		}
		if len(hosts) > 0 {
			static(string(e.As), -1)
		}
	}
}
