package validation

import (
	"cmp"
	"crypto/x509"
	"net/netip"
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
			c.bad(at.At("ipAddresses").Item(i), "invalid IP address %q", address)
		}
	}
	for i, address := range cert.EmailAddresses {
		c.email(at.At("emailAddresses").Item(i), address)
	}
	for i, name := range cert.OtherNames {
		c.otherName(at.At("otherNames").Item(i), name)
	}
	if cert.LiteralSubject != "" && (cert.Subject != nil || cert.CommonName != "") {
		c.bad(at.At("literalSubject"), "must not be combined with subject and commonName; include them in literalSubject")
	}
	named := cert.CommonName != "" || cert.LiteralSubject != "" || len(cert.DNSNames) > 0 || len(cert.IPAddresses) > 0 ||
		len(cert.URIs) > 0 || len(cert.EmailAddresses) > 0 || len(cert.OtherNames) > 0
	if !named {
		c.bad(at.At("dnsNames"), "required, or one of ipAddresses, uris, emailAddresses, otherNames, commonName, literalSubject")
	}
}

func (c *checker) otherName(at *strictyaml.Path, name cm.OtherName) {
	if _, err := x509.ParseOID(name.OID); err != nil {
		c.bad(at.At("oid"), "invalid object identifier %q: use a form such as 1.3.6.1.4.1.311.20.2.3", name.OID)
	}
	if name.UTF8Value == "" {
		c.bad(at.At("utf8Value"), "required")
	}
}

// constraints checks the fields that only a Certificate has.
func (c *checker) constraints(at *strictyaml.Path, cert *v1alpha1.Certificate) {
	if n := cert.NameConstraints; n != nil {
		if !cert.IsCA {
			c.bad(at.At("nameConstraints"), "requires isCA: true")
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
