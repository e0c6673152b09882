package resolve

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// Index looks up what depends on the whole file.
type Index struct {
	certs       *v1alpha1.Certs
	issuers     map[string]int // by name for ClusterIssuers, namespace/name for others
	controllers map[string]v1alpha1.Controller
}

// NewIndex builds the index of a file with its defaults set.
func NewIndex(c *v1alpha1.Certs) *Index {
	x := &Index{certs: c, issuers: map[string]int{}, controllers: map[string]v1alpha1.Controller{}}
	for i, issuer := range c.Issuers {
		x.issuers[FullName(issuer.Namespace, issuer.Name)] = i
	}
	for _, class := range c.IngressClasses {
		x.controllers[class.Name] = class.Controller
	}
	return x
}

// Issuer returns the issuer that a name refers to in a namespace: the Issuer in
// it, or the ClusterIssuer; nil if there is neither.
func (x *Index) Issuer(namespace, name string) *v1alpha1.Issuer {
	if strings.Contains(name, "/") { // looks like a key of issuers, but is not a valid name
		return nil
	}
	for _, key := range []string{FullName(namespace, name), name} {
		if i, ok := x.issuers[key]; ok {
			return &x.certs.Issuers[i]
		}
	}
	return nil
}

// FromIssuers returns the private CAs of an entry of trust, in its order.
func (x *Index) FromIssuers(t *v1alpha1.Trust) []*v1alpha1.Issuer {
	var found []*v1alpha1.Issuer
	for _, name := range t.FromIssuers {
		if issuer := x.FromIssuer(t, name); issuer != nil {
			found = append(found, issuer)
		}
	}
	return found
}

// FromIssuer returns the private CA with this name if trust-manager can read
// its Secret, else nil.
func (x *Index) FromIssuer(t *v1alpha1.Trust, name string) *v1alpha1.Issuer {
	m := t.To.TrustManager
	if m == nil || strings.Contains(name, "/") {
		return nil
	}
	for _, key := range []string{FullName(m.TrustNamespace, name), name} {
		if i, ok := x.issuers[key]; ok {
			if issuer := &x.certs.Issuers[i]; issuer.Private != nil && issuer.Root().Namespace == m.TrustNamespace {
				return issuer
			}
		}
	}
	return nil
}

// Controller returns the controller of a class: the one in ingressClasses, or
// NGINX Ingress Controller for names that start with nginx.
func (x *Index) Controller(class string) v1alpha1.Controller {
	if c, ok := x.controllers[class]; ok {
		return c
	}
	if strings.HasPrefix(class, "nginx") {
		return v1alpha1.NGINXIngressController
	}
	return ""
}

// redirects are the annotations that redirect plain HTTP to HTTPS.
var redirects = map[v1alpha1.Controller]string{
	v1alpha1.NGINXIngressController:  "nginx.org/ssl-redirect",
	"k8s.io/ingress-nginx":           "nginx.ingress.kubernetes.io/ssl-redirect",
	"haproxy.org/ingress-controller": "haproxy.org/ssl-redirect",
}

// RedirectAnnotation returns the annotation ("true" or "false") that redirects
// to HTTPS on the controller of a class; "" if none is known.
func (x *Index) RedirectAnnotation(class string) string { return redirects[x.Controller(class)] }

// HTTP01Style is how a host serves an HTTP-01 challenge. The zero value means
// that HTTP-01 is not used.
type HTTP01Style struct {
	Mode    v1alpha1.HTTP01Mode // "" for a Gateway
	Class   string
	Gateway bool
}

// SolverIndexes returns the index of the issuer's solver for each host of e, -1 if none
// fits. It returns nil unless the issuer is an ACME issuer of this file.
func (x *Index) SolverIndexes(e *v1alpha1.Expose) []int {
	issuer := x.Issuer(e.CertificateNamespace(), e.Issuer)
	if issuer == nil || issuer.ACME == nil {
		return nil
	}
	picks := make([]int, len(e.Hosts))
	for i, host := range e.Hosts {
		picks[i] = issuer.ACME.Pick(host, e.Labels)
	}
	return picks
}

// UsesHTTP01 reports whether any host of e is validated by HTTP-01.
func (x *Index) UsesHTTP01(e *v1alpha1.Expose) bool { return len(x.http01Hosts(e)) > 0 }

// http01Hosts are the indices of the hosts of e that are validated by HTTP-01.
func (x *Index) http01Hosts(e *v1alpha1.Expose) []int {
	var hosts []int
	for i, pick := range x.SolverIndexes(e) {
		if pick >= 0 && x.Issuer(e.CertificateNamespace(), e.Issuer).ACME.Solvers[pick].HTTP01 != nil {
			hosts = append(hosts, i)
		}
	}
	return hosts
}

// StaticHosts returns the indices of the hosts of e that have a static
// challenge route. Wildcards never have one.
func (x *Index) StaticHosts(e *v1alpha1.Expose) []int {
	if e.HTTP01 == v1alpha1.Static || e.HTTP01 == "" && x.certs.Responder.Default {
		return x.http01Hosts(e)
	}
	return nil
}

// Style returns how e serves HTTP-01 challenges: the http01 field, or its
// default. For an existing issuer only the field of e counts. A static
// challenge route has the same style as a route for each challenge.
func (x *Index) Style(e *v1alpha1.Expose) HTTP01Style {
	if !x.UsesHTTP01(e) && (e.HTTP01 == "" || !x.isExisting(e)) {
		return HTTP01Style{}
	}
	switch {
	case e.As == v1alpha1.HTTPRoute:
		return HTTP01Style{Gateway: true}
	case e.HTTP01 != "" && e.HTTP01 != v1alpha1.Static:
		return HTTP01Style{Mode: e.HTTP01, Class: e.ClassName}
	case e.As == v1alpha1.Ingress && x.Controller(e.ClassName) == v1alpha1.NGINXIngressController:
		return HTTP01Style{Mode: v1alpha1.Mergeable, Class: e.ClassName}
	}
	return HTTP01Style{Mode: v1alpha1.Plain, Class: e.ClassName}
}

func (x *Index) isExisting(e *v1alpha1.Expose) bool {
	issuer := x.Issuer(e.CertificateNamespace(), e.Issuer)
	return issuer != nil && issuer.Existing
}

// MayUseHTTP01 reports whether e has an existing issuer that may use HTTP-01.
// Issuers of other groups have no challenges.
func (x *Index) MayUseHTTP01(e *v1alpha1.Expose) bool {
	issuer := x.Issuer(e.CertificateNamespace(), e.Issuer)
	return mayUseHTTP01(issuer) && slices.ContainsFunc(e.Hosts, func(host string) bool { return !v1alpha1.IsWildcard(host) })
}

func mayUseHTTP01(i *v1alpha1.Issuer) bool {
	return i != nil && i.Existing && i.Group == "cert-manager.io"
}

// NeedsTemporary reports whether e needs a temporary certificate first: the
// controller redirects the challenge to HTTPS, and NGINX rejects the handshake
// while the Secret is missing.
func (x *Index) NeedsTemporary(e *v1alpha1.Expose) bool {
	return e.Redirect != nil && *e.Redirect && (x.UsesHTTP01(e) || x.MayUseHTTP01(e))
}

// Validates reports whether c validates a host by HTTP-01 through an Ingress of a
// class, "" for any class. maybe is true if the issuer is not in this file.
func (x *Index) Validates(c *v1alpha1.Certificate, host, class string) (sure, maybe bool) {
	issuer := x.Issuer(c.Namespace, c.Issuer)
	if v1alpha1.IsWildcard(host) || !slices.Contains(c.DNSNames, host) {
		return false, false
	}
	if issuer == nil || issuer.ACME == nil {
		return false, mayUseHTTP01(issuer)
	}
	pick := issuer.ACME.Pick(host, c.Labels)
	if pick < 0 || issuer.ACME.Solvers[pick].HTTP01 == nil {
		return false, false
	}
	h := issuer.ACME.Solvers[pick].HTTP01
	sure = h.GatewayHTTPRoute == nil && (class == "" || h.AnyClass() == "" || h.AnyClass() == class)
	return sure, sure
}
