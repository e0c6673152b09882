package validation

import (
	"cmp"
	"reflect"
	"slices"

	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
	"github.com/kubectl-certs/kubectl-certs/pkg/yamlnode"
)

func (c *checker) exposures(at *strictyaml.Path) {
	index := resolve.NewIndex(c.certs)
	names := names{checker: c, index: index, routes: map[string]int{}}
	hosts := hosts{checker: c, first: map[string]int{}, paths: map[string]map[string]int{}}
	for i := range c.certs.Expose {
		e, at := &c.certs.Expose[i], at.Item(i)
		if c.isChanged("expose", i) {
			c.expose(at, e)
		}
		names.expose(at, i, e)
		hosts.expose(at, i, e)
		c.onController(at, e, index)
		c.exposeIssuer(at, e, index)
		c.static(at, e, index)
	}
	c.gateways(at, index)
	c.blocked(at, index)
}

// servedBy tells apart what may serve one host twice: another class or Gateway.
func servedBy(e *v1alpha1.Expose) string {
	if e.Gateway != nil {
		return "Gateway " + resolve.FullName(e.Gateway.Namespace, e.Gateway.Name)
	}
	if e.ClassName == "" {
		return "the default class"
	}
	return "class " + e.ClassName
}

// class checks the name of an Ingress class, which also goes into a label.
func (c *checker) class(at *strictyaml.Path, name string) {
	c.name(at, name)
	if len(name) > 50 {
		c.bad(at, "is longer than 50 characters")
	}
}

func hostAt(e *v1alpha1.Expose, at *strictyaml.Path, i int) *strictyaml.Path {
	if e.Host != "" {
		return at.At("host")
	}
	return at.At("hosts").Item(i)
}

func (c *checker) expose(at *strictyaml.Path, e *v1alpha1.Expose) {
	c.name(at.At("name"), e.Name)
	c.label(at.At("namespace"), e.Namespace)
	c.class(at.At("className"), e.ClassName)
	c.name(at.At("secretName"), e.SecretName)
	c.labels(at.At("labels"), e.Labels)
	c.annotations(at.At("annotations"), e.Annotations)
	c.reserved(at.At("annotations"), e.Annotations)
	hosts := at.At("hosts").IsGiven(c.root)
	c.exactlyOne(at, []string{"host", "hosts"}, e.Host != "", hosts)
	if hosts && len(e.Hosts) == 0 {
		c.bad(at.At("hosts"), "must not be empty")
	}
	for i, host := range e.Hosts {
		c.host(hostAt(e, at, i), host)
	}
	paths := map[string]int{}
	for i, route := range e.Routes {
		at := at.At("routes").Item(i)
		c.route(at, e.As, route)
		c.unique(paths, string(cmp.Or(route.PathType, v1alpha1.Prefix))+" "+route.Path, i, at.At("path"), "routes")
	}
	c.kind(at, e)
	c.options(at, e.Options)
}

// What the Gateway API allows in one HTTPRoute. Of its 32 parentRefs no more
// are used than hosts, and one for plain HTTP.
const (
	maxRules     = 16
	maxHostnames = 16
)

// kind checks what depends on the kind of object.
func (c *checker) kind(at *strictyaml.Path, e *v1alpha1.Expose) {
	switch {
	case e.As == v1alpha1.HTTPRoute && e.Gateway == nil:
		c.bad(at.At("gateway"), "required for an HTTPRoute")
	case e.As != v1alpha1.HTTPRoute && e.Gateway != nil:
		c.bad(at.At("gateway"), "is for as: HTTPRoute; this is as: %s", e.As)
	case e.As == v1alpha1.HTTPRoute && e.ClassName != "":
		c.bad(at.At("className"), "is for Ingress and VirtualServer; an HTTPRoute has gateway.className")
	case !fits(e.HTTP01, e.As):
		c.bad(at.At("http01"), "%s is for as: Ingress; this is as: %s", e.HTTP01, e.As)
	}
	if g := e.Gateway; g != nil {
		c.name(at.At("gateway").At("name"), g.Name)
		c.label(at.At("gateway").At("namespace"), g.Namespace)
		c.name(at.At("gateway").At("className"), g.ClassName)
		if e.Namespace == "" && g.Namespace != "" {
			c.bad(at.At("namespace"), "required beside gateway.namespace, since the Gateway must name the namespaces whose routes may attach")
		}
	}
	if n := len(e.Routes); e.As == v1alpha1.HTTPRoute && n > maxRules {
		c.bad(at.At("routes"), "has %d paths, and an HTTPRoute at most %d; write the others into an entry for the same hosts, with this secretName and without issuer", n, maxRules)
	}
	if n := len(e.Hosts); e.As == v1alpha1.HTTPRoute && n > maxHostnames {
		c.bad(at.At("hosts"), "has %d hosts, and an HTTPRoute at most %d; spread them over several entries", n, maxHostnames)
	}
}

func (c *checker) route(at *strictyaml.Path, as v1alpha1.RouteKind, r v1alpha1.Route) {
	if rule := pathRule(as, r); rule != "" {
		c.bad(at.At("path"), "%q %s", shortened(r.Path), rule)
	}
	if r.PathType == v1alpha1.ImplementationSpecific && as != v1alpha1.Ingress {
		c.bad(at.At("pathType"), "ImplementationSpecific is for as: Ingress; a %s knows Prefix and Exact", as)
	}
	c.label(at.At("service"), r.Service)
	c.label(at.At("name"), r.Name)
	if as == v1alpha1.VirtualServer {
		c.upstream(at.At("service"), r.Service)
		c.upstream(at.At("name"), r.Name)
	}
	switch {
	case r.Port.Type == intstr.Int && (r.Port.IntVal < 1 || r.Port.IntVal > 65535):
		c.bad(at.At("port"), "must be from 1 to 65535")
	case r.Port.Type == intstr.String && as != v1alpha1.Ingress:
		c.bad(at.At("port"), "must be a number; only an Ingress may name a port")
	case r.Port.Type == intstr.String && len(validation.IsValidPortName(r.Port.StrVal)) > 0:
		c.bad(at.At("port"), "%q is no port name; a number goes without quotes, a name has a letter in it and at most 15 characters", r.Port.StrVal)
	}
}

// exposeIssuer checks that the issuer exists, can prove every host, and can be
// asked in the way the file wants.
func (c *checker) exposeIssuer(at *strictyaml.Path, e *v1alpha1.Expose, index *resolve.Index) {
	if e.Issuer == "" {
		c.withoutIssuer(at, e)
		return
	}
	issuer := index.Issuer(e.CertificateNamespace(), e.Issuer)
	if issuer == nil {
		c.unknownIssuer(at.At("issuer"), e.CertificateNamespace(), e.Issuer)
		return
	}
	for i, host := range e.Hosts {
		c.provable(hostAt(e, at, i), issuer, host, e.Labels)
	}
	if name := e.CommonName; issuer.ACME != nil && name != "" && !slices.Contains(e.Hosts, name) {
		c.bad(at.At("commonName"), "%q must be one of the hosts, or an ACME issuer refuses; best leave it out", name)
	}
	c.http01Fits(at, e, issuer, index)
	if why := index.WhyExplicit(e); why != "" && e.Certificate == v1alpha1.Annotation {
		c.bad(at.At("certificate"), "annotation cannot be: %s; leave it out or write explicit", why)
	}
}

// onController checks what depends on the controller of the class, which an
// environment may change for all entries at once.
func (c *checker) onController(at *strictyaml.Path, e *v1alpha1.Expose, index *resolve.Index) {
	if e.As != v1alpha1.Ingress {
		return
	}
	redirect := index.RedirectAnnotation(e.ClassName)
	if e.Redirect != nil && redirect == "" {
		c.bad(at.At("redirect"), "no annotation for it is known on %s; set the controller's own under annotations", servedBy(e))
	}
	if _, given := e.Annotations[redirect]; e.Redirect != nil && given {
		c.bad(at.At("annotations").At(redirect), "is what redirect sets; leave one of them out")
	}
	if index.Controller(e.ClassName) != v1alpha1.NGINXIngressController {
		return
	}
	for i, r := range e.Routes {
		if rule := nginxPathRule(r); rule != "" && pathRule(e.As, r) == "" {
			c.bad(at.At("routes").Item(i).At("path"), "%q %s", shortened(r.Path), rule)
		}
	}
}

// withoutIssuer wants the Secret to be named, since nothing here fills it, and
// nothing that only an issuer could fulfil.
func (c *checker) withoutIssuer(at *strictyaml.Path, e *v1alpha1.Expose) {
	if secret := at.At("secretName"); !secret.IsGiven(c.root) || yamlnode.Resolve(secret.Find(c.root)).Value == "" {
		c.bad(at.At("issuer"), "required; or secretName, the Secret that something else fills")
		return
	}
	wishes := schema.Format.FieldsOf(reflect.TypeFor[v1alpha1.Options]())
	for _, name := range wishes.Names {
		if !reflect.ValueOf(e.Options).FieldByIndex(wishes.ByName[name].Index).IsZero() {
			c.bad(at.At(name), "needs an issuer")
		}
	}
	if e.Certificate != "" {
		c.bad(at.At("certificate"), "needs an issuer")
	}
	if e.HTTP01 != "" {
		c.bad(at.At("http01"), "needs an issuer")
	}
}

func (c *checker) unknownIssuer(at *strictyaml.Path, namespace, name string) {
	if c.Full() {
		return
	}
	var known []string
	for _, issuer := range c.certs.Issuers {
		if issuer.Name == name {
			where := "here, where none is given"
			if namespace != "" {
				where = "namespace " + namespace
			}
			c.bad(at, "Issuer %s is in namespace %s, out of reach from %s; make it a ClusterIssuer, or add an Issuer there", name, issuer.Namespace, where)
			return
		}
		known = append(known, issuer.Name)
	}
	c.bad(at, "no issuer %q here%s", name, c.Suggest(name, known))
}

// provable checks that the issuer has a solver for a host.
func (c *checker) provable(at *strictyaml.Path, issuer *v1alpha1.Issuer, host string, labels map[string]string) {
	if issuer.ACME == nil || isVague(issuer.ACME) || hostRule(host) != "" || issuer.ACME.Pick(host, labels) >= 0 {
		return
	}
	if v1alpha1.IsWildcard(host) && !hasDNS01(issuer.ACME) {
		c.bad(at, "%q needs a DNS-01 solver; issuer %s has only HTTP-01", host, issuer.Name)
		return
	}
	what := "solver"
	if v1alpha1.IsWildcard(host) {
		what = "DNS-01 solver"
	}
	c.bad(at, "no %s of issuer %s selects %q; add it to a selector, or a solver without one", what, issuer.Name, host)
}

// isVague reports whether a solver is missing or says nothing, a problem of its
// own: what the issuer can prove is not known then.
func isVague(a *v1alpha1.ACME) bool {
	return len(a.Solvers) == 0 || slices.ContainsFunc(a.Solvers, func(s v1alpha1.Solver) bool { return s.HTTP01 == nil && s.DNS01 == nil })
}

func hasDNS01(a *v1alpha1.ACME) bool {
	for _, s := range a.Solvers {
		if s.DNS01 != nil {
			return true
		}
	}
	return false
}

// http01Fits checks that the picked HTTP-01 solvers answer where the host is served.
func (c *checker) http01Fits(at *strictyaml.Path, e *v1alpha1.Expose, issuer *v1alpha1.Issuer, index *resolve.Index) {
	picks := index.Proof(e)
	c.http01Mode(at.At("http01"), e, index)
	for i, pick := range picks {
		if pick < 0 || issuer.ACME.Solvers[pick].HTTP01 == nil {
			continue
		}
		h := issuer.ACME.Solvers[pick].HTTP01
		class := h.AnyClass()
		switch {
		case e.As == v1alpha1.HTTPRoute && h.IsIngress():
			c.bad(hostAt(e, at, i), "is served by a Gateway, but solver %d of issuer %s answers through an Ingress; write http01: {} or gatewayHTTPRoute there", pick, issuer.Name)
		case e.As != v1alpha1.HTTPRoute && h.GatewayHTTPRoute != nil:
			c.bad(hostAt(e, at, i), "is served by an Ingress, but solver %d of issuer %s answers through a Gateway; write http01: {} or ingress there", pick, issuer.Name)
		case class != "" && e.ClassName != "" && class != e.ClassName && e.As != v1alpha1.HTTPRoute:
			c.bad(hostAt(e, at, i), "is on class %s, but solver %d of issuer %s answers on class %s; write http01: {} there to answer on both", e.ClassName, pick, issuer.Name, class)
		}
	}
}

// fits reports whether routes of a kind know a mode: some are for an Ingress only.
func fits(m v1alpha1.HTTP01Mode, as v1alpha1.RouteKind) bool {
	return as == v1alpha1.Ingress || m != v1alpha1.Mergeable && m != v1alpha1.EditInPlace
}

// http01Mode checks the wanted mode, and that one is given where only the user
// can tell.
func (c *checker) http01Mode(at *strictyaml.Path, e *v1alpha1.Expose, index *resolve.Index) {
	issuer := index.Issuer(e.CertificateNamespace(), e.Issuer)
	unproved := slices.Contains(index.Proof(e), -1) // a problem of its own
	onNGINX := e.As == v1alpha1.Ingress && index.Controller(e.ClassName) == v1alpha1.NGINXIngressController
	switch {
	case e.HTTP01 == "" && onNGINX && index.MayUseHTTP01(e):
		c.bad(at, "required, since how issuer %s proves a host is not known here; by HTTP-01: mergeable or edit-in-place, else plain", issuer.Name)
	case e.HTTP01 == "" || !fits(e.HTTP01, e.As):
	case e.HTTP01 == v1alpha1.Static && issuer.Existing:
		c.bad(at, "static cannot be: how issuer %s proves a host is not known here; write the issuer itself instead of existing: true, or another http01", issuer.Name)
	case !issuer.Existing && !unproved && !index.UsesHTTP01(e):
		c.bad(at, "none of the hosts is proved by HTTP-01; leave it out")
	case e.HTTP01 == v1alpha1.Plain && onNGINX && index.UsesHTTP01(e):
		c.bad(at, "plain cannot be: NGINX Ingress Controller refuses a second Ingress for a host, as the challenge has one; leave it out, or write edit-in-place")
	case e.HTTP01 == v1alpha1.Mergeable && e.ClassName == "":
		c.bad(at, "mergeable is for NGINX Ingress Controller; name its class in className")
	case e.HTTP01 == v1alpha1.Mergeable && !onNGINX:
		c.bad(at, "mergeable is for NGINX Ingress Controller; if class %q is served by it, say so in ingressClasses", e.ClassName)
	}
}
