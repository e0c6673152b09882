package validation

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// names reports objects that would have the same name. If a name is derived
// from a host, the problem is reported for the host.
type names struct {
	checker *checker
	index   *resolve.Index
	routes  map[string]*strictyaml.Path // by kind and name
}

func (n *names) expose(at *strictyaml.Path, e *v1alpha1.Expose) {
	n.index.RouteObjects(e, func(o resolve.RouteObject) {
		path := at.At("name")
		if o.Host > 0 {
			path = hostAt(e, at, o.Host)
		}
		full := o.Kind + " " + resolve.FullName(o.Namespace, o.Name)
		first, taken := n.routes[full]
		switch {
		case e.Name == "":
		case len(o.Name) > validation.DNS1123SubdomainMaxLength && len(e.Name) <= validation.DNS1123SubdomainMaxLength:
			n.checker.bad(path, "gives an object name of more than 253 characters; choose a shorter name")
		case taken && o.Name == e.Name && o.Namespace == e.Namespace:
			n.checker.bad(path, "duplicate %s (first at %s:%d)", full, n.checker.file, n.checker.line(first))
		case taken:
			n.checker.bad(path, "also generates %s (first at %s:%d); choose another name", full, n.checker.file, n.checker.line(first))
		default:
			n.routes[full] = path
		}
	})
}

// secrets reports certificates that share a Secret or a name, and routes with
// hosts that the certificate of their Secret does not cover. The Certificate of
// a route has the name of its Secret.
func (c *checker) secrets(top *strictyaml.Path) {
	o := owners{checker: c, secrets: map[string]owner{}, certificates: map[string]string{}, roots: map[string]string{}}
	o.claimRoots(top.At("issuers"))
	for i := range c.certs.Certificates {
		cert, at := &c.certs.Certificates[i], top.At("certificates").Item(i)
		path := fmt.Sprintf("certificates[%d]", i)
		if cert.SecretName != "" {
			o.claim(at.At("secretName"), resolve.FullName(cert.Namespace, cert.SecretName), owner{path, "certificate " + cert.Name, cert.DNSNames})
		}
		if cert.Name == "" {
			continue
		}
		name := resolve.FullName(cert.Namespace, cert.Name)
		if first, taken := o.roots[name]; taken {
			c.bad(at.At("name"), "is also the name of the root of %s; choose another name", first)
		}
		o.certificates[name] = path // duplicates in the list are reported elsewhere
	}
	for i := range c.certs.Expose {
		e, at := &c.certs.Expose[i], top.At("expose").Item(i)
		if e.SecretName == "" || e.Issuer == "" {
			continue
		}
		key, path := resolve.FullName(e.CertificateNamespace(), e.SecretName), fmt.Sprintf("expose[%d]", i)
		if first, taken := o.secrets[key]; taken && first.covers(e.Hosts) {
			c.bad(at.At("secretName"), "Secret %s belongs to %s; leave out issuer to share it", key, first.path)
			continue
		}
		if !o.claim(at.At("secretName"), key, owner{path, "the certificate of " + path, e.Hosts}) {
			continue
		}
		if first, taken := o.certificates[key]; taken {
			c.bad(at.At("secretName"), "generates Certificate %s, which is also the name of %s; choose another secretName", key, first)
		}
	}
	for i := range c.certs.Expose {
		if e := &c.certs.Expose[i]; e.SecretName != "" && e.Issuer == "" {
			if own, found := o.secrets[resolve.FullName(e.CertificateNamespace(), e.SecretName)]; found {
				c.covered(top.At("expose").Item(i), e, own)
			}
		}
	}
}

type owners struct {
	checker      *checker
	secrets      map[string]owner
	certificates map[string]string // places by name
	roots        map[string]string // those of private CAs
}

// owner is the entry that fills a Secret, and the names of its certificate.
type owner struct {
	path, certificate string
	names             []string
}

func (o owner) covers(hosts []string) bool {
	return !slices.ContainsFunc(hosts, func(host string) bool { return !o.coversHost(host) })
}

func (o owner) coversHost(host string) bool {
	return slices.ContainsFunc(o.names, func(name string) bool { return v1alpha1.Covers(name, host) })
}

// claimRoots claims the Secrets of private CAs.
func (o *owners) claimRoots(at *strictyaml.Path) {
	for i := range o.checker.certs.Issuers {
		issuer := &o.checker.certs.Issuers[i]
		if issuer.Private == nil || issuer.Name == "" {
			continue
		}
		root, path := issuer.Root(), fmt.Sprintf("issuers[%d]", i)
		key := resolve.FullName(root.Namespace, root.SecretName)
		if first, taken := o.roots[key]; taken {
			o.checker.bad(at.Item(i).At("name"), "generates Secret %s, which belongs to %s; choose another name", key, first)
			continue
		}
		o.secrets[key] = owner{path: path, certificate: "the root of issuer " + issuer.Name}
		o.roots[key], o.certificates[key] = path, path
	}
}

func (o *owners) claim(at *strictyaml.Path, key string, by owner) bool {
	if first, taken := o.secrets[key]; taken {
		o.checker.bad(at, "Secret %s belongs to %s; choose another secretName", key, first.path)
		return false
	}
	o.secrets[key] = by
	return true
}

func (c *checker) covered(at *strictyaml.Path, e *v1alpha1.Expose, own owner) {
	for i, host := range e.Hosts {
		if !own.coversHost(host) {
			c.bad(hostAt(e, at, i), "%s fills this Secret and does not cover %s", own.certificate, host)
		}
	}
}
