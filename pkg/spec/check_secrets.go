package spec

import (
	"fmt"
	"slices"
)

// secrets reports two certificates that would fight over one Secret, and
// routes whose hosts the certificate of their Secret does not cover.
func (c *checker) secrets(top *path) {
	owners := map[string]string{}
	claim := func(key string, at *path, place string) {
		if first, taken := owners[key]; taken {
			c.bad(at, "Secret %s is already that of %s; give it another secretName", key, first)
			return
		}
		owners[key] = place
	}
	certificates := map[string]*Certificate{}
	for i := range c.certs.Certificates {
		cert := &c.certs.Certificates[i]
		if cert.SecretName == "" {
			continue
		}
		key := joinName(cert.Namespace, cert.SecretName)
		certificates[key] = cert
		claim(key, top.at("certificates").item(i).at("secretName"), fmt.Sprintf("certificates[%d]", i))
	}
	for i := range c.certs.Expose {
		e, at := &c.certs.Expose[i], top.at("expose").item(i)
		if e.SecretName == "" {
			continue
		}
		key := joinName(e.CertificateNamespace(), e.SecretName)
		if e.Issuer != "" {
			claim(key, at.at("secretName"), fmt.Sprintf("expose[%d]", i))
			continue
		}
		if cert := certificates[key]; cert != nil {
			c.covered(at, e, cert)
		}
	}
}

func (c *checker) covered(at *path, e *Expose, cert *Certificate) {
	for i, host := range e.Hosts {
		if !slices.ContainsFunc(cert.DNSNames, func(name string) bool { return Covers(name, host) }) {
			c.bad(e.hostAt(at, i), "certificate %s, whose Secret this is, does not cover %s", cert.Name, host)
		}
	}
}
