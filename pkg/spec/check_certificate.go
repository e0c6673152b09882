package spec

import (
	"fmt"
	"slices"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

func (c *checker) certificates(at *path) {
	index := NewIndex(c.certs)
	names := map[string]int{}
	for i := range c.certs.Certificates {
		cert, at := &c.certs.Certificates[i], at.item(i)
		c.name(at.at("name"), cert.Name)
		c.label(at.at("namespace"), cert.Namespace)
		c.name(at.at("secretName"), cert.SecretName)
		c.labels(at.at("labels"), cert.Labels)
		c.annotations(at.at("annotations"), cert.Annotations)
		c.unique(names, joinName(cert.Namespace, cert.Name), i, at.at("name"), "certificates")
		c.identity(at, cert)
		c.options(at, cert.Options())
		if cert.Issuer == "" {
			continue
		}
		issuer := index.Issuer(cert.Namespace, cert.Issuer)
		if issuer == nil {
			c.unknownIssuer(at.at("issuer"), cert.Namespace, cert.Issuer)
			continue
		}
		for j, name := range cert.DNSNames {
			c.provable(at.at("dnsNames").item(j), issuer, name, cert.Labels)
		}
	}
}

// Options returns the wishes of a Certificate in the form an Expose has them.
func (c *Certificate) Options() Options {
	return Options{
		CommonName: c.CommonName, Duration: c.Duration, RenewBefore: c.RenewBefore,
		RenewBeforePercentage: c.RenewBeforePercentage, Usages: c.Usages, PrivateKey: c.PrivateKey,
		Subject: c.Subject, SecretTemplate: c.SecretTemplate, Keystores: c.Keystores,
		AdditionalOutputFormats: c.AdditionalOutputFormats, RevisionHistoryLimit: c.RevisionHistoryLimit, Renewal: c.Renewal,
	}
}

func (c *checker) identity(at *path, cert *Certificate) {
	for i, name := range cert.DNSNames {
		c.host(at.at("dnsNames").item(i), name)
	}
	if cert.LiteralSubject != "" && (cert.Subject != nil || cert.CommonName != "") {
		c.bad(at.at("literalSubject"), "excludes subject and commonName")
	}
	named := cert.CommonName != "" || cert.LiteralSubject != "" || len(cert.DNSNames) > 0 || len(cert.IPAddresses) > 0 ||
		len(cert.URIs) > 0 || len(cert.EmailAddresses) > 0 || len(cert.OtherNames) > 0
	if !named {
		c.bad(at.at("dnsNames"), "required; or ipAddresses, uris, emailAddresses, otherNames, commonName, literalSubject")
	}
}

// cert-manager's bounds (pkg/apis/certmanager/v1/const.go).
const (
	minDuration    = time.Hour
	minRenewBefore = 5 * time.Minute
)

func (c *checker) options(at *path, o Options) {
	if len(o.CommonName) > 64 {
		c.bad(at.at("commonName"), "is longer than 64 characters; leave it out, names are in dnsNames")
	}
	lifetime := cm.DefaultCertificateDuration
	if o.Duration != nil {
		if lifetime = o.Duration.Duration; lifetime < minDuration {
			c.bad(at.at("duration"), "must be at least 1h")
		}
	}
	if o.RenewBefore != nil {
		switch before := o.RenewBefore.Duration; {
		case before < minRenewBefore:
			c.bad(at.at("renewBefore"), "must be at least 5m")
		case before >= lifetime:
			c.bad(at.at("renewBefore"), "must be less than duration, which is %s", shortDuration(lifetime))
		}
	}
	c.atMostOne(at, []string{"renewBefore", "renewBeforePercentage"}, o.RenewBefore != nil, o.RenewBeforePercentage != nil)
	if p := o.RenewBeforePercentage; p != nil && (*p < 1 || *p > 99) {
		c.bad(at.at("renewBeforePercentage"), "must be from 1 to 99")
	}
	if n := o.RevisionHistoryLimit; n != nil && *n < 1 {
		c.bad(at.at("revisionHistoryLimit"), "must be at least 1")
	}
	c.privateKey(at.at("privateKey"), o.PrivateKey)
	c.keystores(at.at("keystores"), o.Keystores)
	if t := o.SecretTemplate; t != nil {
		c.labels(at.at("secretTemplate").at("labels"), t.Labels)
		c.annotations(at.at("secretTemplate").at("annotations"), t.Annotations)
	}
}

func (c *checker) privateKey(at *path, key *cm.CertificatePrivateKey) {
	if key == nil || key.Size == 0 {
		return
	}
	switch key.Algorithm {
	case cm.ECDSAKeyAlgorithm:
		if !slices.Contains([]int{256, 384, 521}, key.Size) {
			c.bad(at.at("size"), "must be 256, 384 or 521 for ECDSA")
		}
	case cm.Ed25519KeyAlgorithm:
		c.bad(at.at("size"), "Ed25519 has one size; leave it out")
	default:
		if key.Size < 2048 || key.Size > 8192 {
			c.bad(at.at("size"), "must be from 2048 to 8192 for RSA")
		}
	}
}

func (c *checker) keystores(at *path, k *cm.CertificateKeystores) {
	if k == nil {
		return
	}
	both := []string{"password", "passwordSecretRef"}
	if k.JKS != nil {
		c.exactlyOne(at.at("jks"), both, k.JKS.Password != nil, k.JKS.PasswordSecretRef.Name != "")
	}
	if k.PKCS12 != nil {
		c.exactlyOne(at.at("pkcs12"), both, k.PKCS12.Password != nil, k.PKCS12.PasswordSecretRef.Name != "")
	}
}

func shortDuration(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return d.String()
}

// secrets reports two certificates that would fight over one Secret, and
// routes whose hosts the certificate of their Secret does not cover.
func (c *checker) secrets(top *path) {
	type owner struct{ place string }
	owners := map[string]owner{}
	claim := func(key string, at *path, place string) {
		if first, taken := owners[key]; taken {
			c.bad(at, "Secret %s is already that of %s; give it another secretName", key, first.place)
			return
		}
		owners[key] = owner{place}
	}
	certificates := map[string]*Certificate{}
	for i := range c.certs.Certificates {
		cert := &c.certs.Certificates[i]
		key := joinName(cert.Namespace, cert.SecretName)
		certificates[key] = cert
		claim(key, top.at("certificates").item(i).at("secretName"), fmt.Sprintf("certificates[%d]", i))
	}
	for i := range c.certs.Expose {
		e, at := &c.certs.Expose[i], top.at("expose").item(i)
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
