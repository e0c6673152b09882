package resolve

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// Index answers the questions that need the whole file at once.
type Index struct {
	certs       *v1alpha1.Certs
	issuers     map[string]int // by name for ClusterIssuers, namespace/name for others
	controllers map[string]v1alpha1.Controller
}

// NewIndex builds the index of a file with its defaults filled in.
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

// Issuer finds what an issuer name means in a namespace: the Issuer there, or
// the cluster-wide one. It returns nil if there is neither.
func (x *Index) Issuer(namespace, name string) *v1alpha1.Issuer {
	if strings.Contains(name, "/") { // no name, though it looks like a key of issuers
		return nil
	}
	for _, key := range []string{FullName(namespace, name), name} {
		if i, ok := x.issuers[key]; ok {
			return &x.certs.Issuers[i]
		}
	}
	return nil
}

// FromIssuers returns the private CAs whose roots an entry of trust takes out of
// the cluster, in its order.
func (x *Index) FromIssuers(t *v1alpha1.Trust) []*v1alpha1.Issuer {
	var found []*v1alpha1.Issuer
	for _, name := range t.FromIssuers {
		if issuer := x.FromIssuer(t, name); issuer != nil {
			found = append(found, issuer)
		}
	}
	return found
}

// FromIssuer finds the private CA of a name whose Secret trust-manager can read,
// nil if there is none.
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

// Controller tells what serves a class: what ingressClasses says, and NGINX
// Ingress Controller for names that start with nginx.
func (x *Index) Controller(class string) v1alpha1.Controller {
	if c, ok := x.controllers[class]; ok {
		return c
	}
	if strings.HasPrefix(class, "nginx") {
		return v1alpha1.NGINXIngressController
	}
	return ""
}

// redirects are the annotations by which an Ingress sends plain HTTP to https.
var redirects = map[v1alpha1.Controller]string{
	v1alpha1.NGINXIngressController:  "nginx.org/ssl-redirect",
	"k8s.io/ingress-nginx":           "nginx.ingress.kubernetes.io/ssl-redirect",
	"haproxy.org/ingress-controller": "haproxy.org/ssl-redirect",
}

// RedirectAnnotation returns the annotation, "true" or "false", by which the
// controller of a class redirects to https; "" where none is known.
func (x *Index) RedirectAnnotation(class string) string { return redirects[x.Controller(class)] }

// HTTP01Style is how a host lets an HTTP-01 challenge through. The zero value
// means that HTTP-01 is not used.
type HTTP01Style struct {
	Mode    v1alpha1.HTTP01Mode // "" for a Gateway
	Class   string
	Gateway bool
}

// Proof tells how the hosts of e are proved: by which solver of the issuer
// each, -1 where none fits. It returns nil unless the issuer is an ACME one
// of this file.
func (x *Index) Proof(e *v1alpha1.Expose) []int {
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

// UsesHTTP01 reports whether any host of e is proved by HTTP-01.
func (x *Index) UsesHTTP01(e *v1alpha1.Expose) bool { return len(x.http01Hosts(e)) > 0 }

// http01Hosts are the hosts of e that are proved by HTTP-01, by index.
func (x *Index) http01Hosts(e *v1alpha1.Expose) []int {
	var hosts []int
	for i, pick := range x.Proof(e) {
		if pick >= 0 && x.Issuer(e.CertificateNamespace(), e.Issuer).ACME.Solvers[pick].HTTP01 != nil {
			hosts = append(hosts, i)
		}
	}
	return hosts
}

// StaticHosts returns the hosts of e, by index, whose challenges take a
// permanent route to the responder. A wildcard is never among them.
func (x *Index) StaticHosts(e *v1alpha1.Expose) []int {
	if e.HTTP01 == v1alpha1.Static || e.HTTP01 == "" && x.certs.Responder.Default {
		return x.http01Hosts(e)
	}
	return nil
}

// Style returns how e lets HTTP-01 through, the default where the file leaves
// it open. How an existing issuer proves a host is known only from e itself. A
// permanent route for challenges is of the same style as one for each of them.
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

// MayUseHTTP01 reports whether e has an issuer that is made elsewhere and may
// prove a host by HTTP-01; those of other groups know no challenges.
func (x *Index) MayUseHTTP01(e *v1alpha1.Expose) bool {
	issuer := x.Issuer(e.CertificateNamespace(), e.Issuer)
	return mayUseHTTP01(issuer) && slices.ContainsFunc(e.Hosts, func(host string) bool { return !v1alpha1.IsWildcard(host) })
}

func mayUseHTTP01(i *v1alpha1.Issuer) bool {
	return i != nil && i.Existing && i.Group == "cert-manager.io"
}

// NeedsTemporary reports whether the certificate of e must be a temporary one
// first: the controller sends the challenge to https, and NGINX refuses the
// handshake while the Secret is missing.
func (x *Index) NeedsTemporary(e *v1alpha1.Expose) bool {
	return e.Redirect != nil && *e.Redirect && (x.UsesHTTP01(e) || x.MayUseHTTP01(e))
}

// Proves reports whether c proves a host by HTTP-01 through an Ingress on a
// class, "" for any; maybe where the issuer is made elsewhere.
func (x *Index) Proves(c *v1alpha1.Certificate, host, class string) (sure, maybe bool) {
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
