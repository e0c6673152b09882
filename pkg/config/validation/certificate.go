package validation

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) certificates(at *strictyaml.Path) {
	index := resolve.NewIndex(c.certs)
	names := map[string]*strictyaml.Path{}
	for i := range c.certs.Certificates {
		cert, at := &c.certs.Certificates[i], at.Item(i)
		if c.isChanged("certificates", i) {
			c.certificate(at, cert)
		}
		c.unique(names, "certificate", resolve.FullName(cert.Namespace, cert.Name), at.At("name"))
		if cert.Issuer == "" {
			continue
		}
		issuer := index.Issuer(cert.Namespace, cert.Issuer)
		if issuer == nil {
			c.unknownIssuer(at.At("issuer"), cert.Namespace, cert.Issuer)
			continue
		}
		for j, name := range cert.DNSNames {
			c.checkSolver(at.At("dnsNames").Item(j), issuer, name, cert.Labels)
		}
		if issuer.ACME != nil {
			c.acmeSubject(at, cert)
		}
	}
}

// certificate checks the fields of one certificate.
func (c *checker) certificate(at *strictyaml.Path, cert *v1alpha1.Certificate) {
	c.name(at.At("name"), cert.Name)
	c.label(at.At("namespace"), cert.Namespace)
	c.name(at.At("secretName"), cert.SecretName)
	c.labels(at.At("labels"), cert.Labels)
	c.annotations(at.At("annotations"), cert.Annotations)
	c.identity(at, cert)
	c.constraints(at, cert)
	c.options(at, cert.Options())
}

// acmeSubject checks that the common name is one of the requested names, as
// cert-manager's ACME issuer requires
// (pkg/controller/certificaterequests/acme).
func (c *checker) acmeSubject(at *strictyaml.Path, cert *v1alpha1.Certificate) {
	named := func(name string) bool {
		return name == "" || slices.Contains(cert.DNSNames, name) || slices.Contains(cert.IPAddresses, name)
	}
	if !named(cert.CommonName) {
		c.bad(at.At("commonName"), "%q must be one of dnsNames or ipAddresses with an ACME issuer; leave it out", cert.CommonName)
	}
	if name := commonName(cert.LiteralSubject); !named(name) {
		c.bad(at.At("literalSubject"), "its CN %q must be one of dnsNames or ipAddresses with an ACME issuer", name)
	}
}

// commonName returns the CN of a distinguished name (RFC 4514), or "" if there
// is none or it is hex-encoded.
func commonName(subject string) string {
	var attributes []string
	var text strings.Builder
	for i := 0; i < len(subject); i++ {
		switch c := subject[i]; {
		case c == '\\' && i+1 < len(subject):
			i++
			text.WriteByte(subject[i])
		case c == ',' || c == '+' || c == ';':
			attributes = append(attributes, text.String())
			text.Reset()
		default:
			text.WriteByte(c)
		}
	}
	for _, attribute := range append(attributes, text.String()) {
		key, value, _ := strings.Cut(attribute, "=")
		if key = strings.TrimSpace(key); key == "CN" || key == "2.5.4.3" {
			if value = strings.TrimSpace(value); strings.HasPrefix(value, "#") {
				return ""
			}
			return value
		}
	}
	return ""
}
