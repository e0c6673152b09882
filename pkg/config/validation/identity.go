package validation

import (
	"cmp"
	"crypto/x509"
	"net/netip"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) identity(at *strictyaml.Path, cert *v1alpha1.Certificate) {
	for i, name := range cert.DNSNames {
		c.host(at.At("dnsNames").Item(i), name)
	}
	for i, address := range cert.IPAddresses {
		if ip, err := netip.ParseAddr(address); err != nil || ip.Zone() != "" {
			c.bad(at.At("ipAddresses").Item(i), "%q is no IP address", address)
		}
	}
	for i, address := range cert.EmailAddresses {
		c.email(at.At("emailAddresses").Item(i), address)
	}
	for i, name := range cert.OtherNames {
		c.otherName(at.At("otherNames").Item(i), name)
	}
	if cert.LiteralSubject != "" && (cert.Subject != nil || cert.CommonName != "") {
		c.bad(at.At("literalSubject"), "excludes subject and commonName; write them into it")
	}
	named := cert.CommonName != "" || cert.LiteralSubject != "" || len(cert.DNSNames) > 0 || len(cert.IPAddresses) > 0 ||
		len(cert.URIs) > 0 || len(cert.EmailAddresses) > 0 || len(cert.OtherNames) > 0
	if !named {
		c.bad(at.At("dnsNames"), "required; or ipAddresses, uris, emailAddresses, otherNames, commonName, literalSubject")
	}
}

// acmeSubject checks that the common name is one of the names that the ACME
// server is asked for: cert-manager refuses others
// (pkg/controller/certificaterequests/acme).
func (c *checker) acmeSubject(at *strictyaml.Path, cert *v1alpha1.Certificate) {
	named := func(name string) bool {
		return name == "" || slices.Contains(cert.DNSNames, name) || slices.Contains(cert.IPAddresses, name)
	}
	if !named(cert.CommonName) {
		c.bad(at.At("commonName"), "%q must be one of dnsNames or ipAddresses, or an ACME issuer refuses; best leave it out", cert.CommonName)
	}
	if name := commonName(cert.LiteralSubject); !named(name) {
		c.bad(at.At("literalSubject"), "its CN %q must be one of dnsNames or ipAddresses, or an ACME issuer refuses", name)
	}
}

// commonName returns the CN of a distinguished name (RFC 4514), "" where there
// is none or it is written as bytes.
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

func (c *checker) otherName(at *strictyaml.Path, name cm.OtherName) {
	if _, err := x509.ParseOID(name.OID); err != nil {
		c.bad(at.At("oid"), "%q is no object identifier; write one such as 1.3.6.1.4.1.311.20.2.3", name.OID)
	}
	if name.UTF8Value == "" {
		c.bad(at.At("utf8Value"), "required")
	}
}

// constraints checks what only a Certificate has.
func (c *checker) constraints(at *strictyaml.Path, cert *v1alpha1.Certificate) {
	if n := cert.NameConstraints; n != nil {
		if !cert.IsCA {
			c.bad(at.At("nameConstraints"), "needs isCA: true")
		}
		if n.Permitted == nil && n.Excluded == nil {
			c.bad(at.At("nameConstraints"), "needs permitted or excluded")
		}
	}
	algorithm := cm.RSAKeyAlgorithm
	if cert.PrivateKey != nil {
		algorithm = cmp.Or(cert.PrivateKey.Algorithm, algorithm)
	}
	if s := string(cert.SignatureAlgorithm); s != "" && !strings.Contains(s, string(algorithm)) {
		c.bad(at.At("signatureAlgorithm"), "%s does not fit an %s key", s, algorithm)
	}
}
