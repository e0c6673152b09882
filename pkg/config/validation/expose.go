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
	names := names{checker: c, index: index, routes: map[string]*strictyaml.Path{}}
	hosts := hosts{checker: c, first: map[string]int{}, seen: map[string]*strictyaml.Path{}, paths: map[string]map[string]int{}}
	for i := range c.certs.Expose {
		e, at := &c.certs.Expose[i], at.Item(i)
		if c.isChanged("expose", i) {
			c.expose(at, e)
		}
		names.expose(at, e)
		hosts.expose(at, i, e)
		c.onController(at, e, index)
		c.exposeIssuer(at, e, index)
		c.static(at, e, index)
	}
	c.gateways(at, index)
	c.blocked(at, index)
}

// class checks the name of an Ingress class, which is also used in a label.
func (c *checker) class(at *strictyaml.Path, name string) {
	c.name(at, name)
	if len(name) > 50 {
		c.bad(at, "is longer than 50 characters")
	}
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
	paths := map[string]*strictyaml.Path{}
	for i, route := range e.Routes {
		at := at.At("routes").Item(i)
		c.route(at, e.As, route)
		c.unique(paths, "path", string(cmp.Or(route.PathType, v1alpha1.Prefix))+" "+route.Path, at.At("path"))
	}
	c.kind(at, e)
	c.options(at, e.Options)
}

// The limits of the Gateway API for one HTTPRoute. The limit of 32 parentRefs
// is never reached: there is one for each host, and one for plain HTTP.
const (
	maxRules     = 16
	maxHostnames = 16
)

// kind checks the fields that depend on the kind of object.
func (c *checker) kind(at *strictyaml.Path, e *v1alpha1.Expose) {
	switch {
	case e.As == v1alpha1.HTTPRoute && e.Gateway == nil:
		c.bad(at.At("gateway"), "required for an HTTPRoute")
	case e.As != v1alpha1.HTTPRoute && e.Gateway != nil:
		c.bad(at.At("gateway"), "is only for as: HTTPRoute; this entry has as: %s", e.As)
	case e.As == v1alpha1.HTTPRoute && e.ClassName != "":
		c.bad(at.At("className"), "is only for Ingress and VirtualServer; for an HTTPRoute use gateway.className")
	case !fits(e.HTTP01, e.As):
		c.bad(at.At("http01"), "%s is only for as: Ingress; this entry has as: %s", e.HTTP01, e.As)
	}
	if g := e.Gateway; g != nil {
		c.name(at.At("gateway").At("name"), g.Name)
		c.label(at.At("gateway").At("namespace"), g.Namespace)
		c.name(at.At("gateway").At("className"), g.ClassName)
		if e.Namespace == "" && g.Namespace != "" {
			c.bad(at.At("namespace"), "required with gateway.namespace, because the Gateway lists the namespaces from which routes may attach")
		}
	}
	if n := len(e.Routes); e.As == v1alpha1.HTTPRoute && n > maxRules {
		c.bad(at.At("routes"), "has %d paths, and an HTTPRoute may have %d; move some to an entry for the same hosts, with this secretName and without issuer", n, maxRules)
	}
	if n := len(e.Hosts); e.As == v1alpha1.HTTPRoute && n > maxHostnames {
		c.bad(at.At("hosts"), "has %d hosts, and an HTTPRoute may have %d; use several entries", n, maxHostnames)
	}
}

func (c *checker) route(at *strictyaml.Path, as v1alpha1.RouteKind, r v1alpha1.Route) {
	if rule := pathRule(as, r); rule != "" {
		c.bad(at.At("path"), "%q %s", shortened(r.Path), rule)
	}
	if r.PathType == v1alpha1.ImplementationSpecific && as != v1alpha1.Ingress {
		c.bad(at.At("pathType"), "ImplementationSpecific is only for as: Ingress; for a %s use Prefix or Exact", as)
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
		c.bad(at.At("port"), "must be a number; only an Ingress may use a port name")
	case r.Port.Type == intstr.String && len(validation.IsValidPortName(r.Port.StrVal)) > 0:
		c.bad(at.At("port"), "invalid port name %q: write numbers without quotes; a name has a letter and at most 15 characters", r.Port.StrVal)
	}
}

// exposeIssuer checks that the issuer exists, can validate every host, and
// supports how the file requests the certificate.
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
		c.checkSolver(hostAt(e, at, i), issuer, host, e.Labels)
	}
	if name := e.CommonName; issuer.ACME != nil && name != "" && !slices.Contains(e.Hosts, name) {
		c.bad(at.At("commonName"), "%q must be one of the hosts with an ACME issuer; leave it out", name)
	}
	c.http01Fits(at, e, issuer, index)
	if why := index.WhyExplicit(e); why != "" && e.Certificate == v1alpha1.Annotation {
		c.bad(at.At("certificate"), "annotation is not possible: %s; leave it out or write explicit", why)
	}
}

// onController checks the fields that depend on the controller of the class. An
// environment may change the class of all entries.
func (c *checker) onController(at *strictyaml.Path, e *v1alpha1.Expose, index *resolve.Index) {
	if e.As != v1alpha1.Ingress {
		return
	}
	redirect := index.RedirectAnnotation(e.ClassName)
	if e.Redirect != nil && redirect == "" {
		c.bad(at.At("redirect"), "no redirect annotation is known for %s; set the one of the controller in annotations", servedBy(e))
	}
	if _, given := e.Annotations[redirect]; e.Redirect != nil && given {
		c.bad(at.At("annotations").At(redirect), "is set by redirect; leave one of them out")
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

// withoutIssuer checks an entry without an issuer: it needs the name of an
// existing Secret, and has no field that only an issuer uses.
func (c *checker) withoutIssuer(at *strictyaml.Path, e *v1alpha1.Expose) {
	if secret := at.At("secretName"); !secret.IsGiven(c.root) || yamlnode.Resolve(secret.Find(c.root)).Value == "" {
		c.bad(at.At("issuer"), "required, unless secretName names an existing Secret")
		return
	}
	options := schema.Format.FieldsOf(reflect.TypeFor[v1alpha1.Options]())
	for _, name := range options.Names {
		if !reflect.ValueOf(e.Options).FieldByIndex(options.ByName[name].Index).IsZero() {
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
