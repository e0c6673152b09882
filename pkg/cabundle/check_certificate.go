package cabundle

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// checker collects the findings about a bundle.
type checker struct {
	target   Target
	now      time.Time
	first    map[string]Entry // by content
	subjects map[string]Entry // by subject
	found    []finding.Finding
}

// add sets the severity of a finding and adds it, if it matters for the target.
func (k *checker) add(f finding.Finding) {
	rule, _ := RuleOf(f.ID)
	if f.Severity = rule.Severity(k.target); f.Severity != "" {
		k.found = append(k.found, f)
	}
}

// certificate is the current certificate.
type certificate struct {
	*checker
	Entry
	subject string
}

func (c certificate) report(id, format string, args ...any) {
	c.add(finding.Finding{ID: id, Position: c.Position, Subject: c.subject, Reason: fmt.Sprintf(format, args...)})
}

// other refers to another certificate.
func (c certificate) other(e Entry) string {
	if e.Position == c.Position {
		return "the one before it"
	}
	return "the one at " + e.Position.String()
}

// days formats a duration in days.
func days(d time.Duration) string {
	n := int(d.Abs() / (24 * time.Hour))
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func list(words []string) string { return strings.Join(words, ", ") }

// role checks whether the certificate is a root.
func (c certificate) role() {
	switch kind := KindOf(c.Cert); {
	case kind == Leaf && c.Cert.BasicConstraintsValid:
		c.report("T001", "is not a CA: basicConstraints is CA:FALSE")
	case kind == Leaf:
		c.report("T001", "is not a CA: it has no basicConstraints")
	case kind == Intermediate:
		c.report("T003", "is an intermediate, issued by %s", pki.Name(c.Cert.Issuer))
	case c.Cert.Version < 3:
		c.report("T013", "is an X.509 version %d certificate", c.Cert.Version)
	}
	if len(c.Cert.Subject.Names) == 0 {
		c.report("T017", "has no subject")
	}
	if c.Cert.IsCA && c.Cert.KeyUsage != 0 && c.Cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		c.report("T002", "is a CA, but its keyUsage has no keyCertSign")
	}
}

// soon is how long before expiry a certificate is reported.
const soon = 90 * 24 * time.Hour

func (c certificate) validity() {
	left := c.Cert.NotAfter.Sub(c.now)
	switch {
	case left < 0:
		c.report("T004", "expired on %s, %s ago", date(c.Cert.NotAfter), days(left))
	case c.now.Before(c.Cert.NotBefore):
		c.report("T005", "is not valid before %s, in %s", date(c.Cert.NotBefore), days(c.Cert.NotBefore.Sub(c.now)))
	case left < soon:
		c.report("T006", "expires on %s, in %s", date(c.Cert.NotAfter), days(left))
	}
}

const minRSA = 2048

func (c certificate) key() {
	switch key := c.Cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSA {
			c.report("T007", "has an RSA key of %d bits", bits)
		}
	case *ecdsa.PublicKey:
		if key.Curve == elliptic.P224() {
			c.report("T008", "has an ECDSA key on curve P-224")
		}
	case ed25519.PublicKey:
	default:
		c.report("T008", "has a key that Go does not support (%s)", algorithm(c.Cert))
	}
}

// algorithm names the algorithm of a key.
func algorithm(c *x509.Certificate) string {
	if c.PublicKeyAlgorithm == x509.UnknownPublicKeyAlgorithm {
		return "unknown algorithm"
	}
	return c.PublicKeyAlgorithm.String()
}

var weakSignatures = map[x509.SignatureAlgorithm]string{
	x509.MD2WithRSA: "MD2", x509.MD5WithRSA: "MD5",
	x509.SHA1WithRSA: "SHA-1", x509.DSAWithSHA1: "SHA-1", x509.ECDSAWithSHA1: "SHA-1",
}

func (c certificate) signature() {
	weak := weakSignatures[c.Cert.SignatureAlgorithm]
	switch {
	case weak == "":
	case pki.SelfSigned(c.Cert):
		c.report("T010", "is signed with %s, which does not matter in a root", weak)
	default:
		c.report("T009", "is signed with %s", weak)
	}
}

// critical reports critical extensions that Go does not support.
func (c certificate) critical() {
	for _, id := range c.Cert.UnhandledCriticalExtensions {
		what := "extension " + id.String()
		if id.String() == oidNameConstraints {
			what = "name constraints of a kind"
		}
		c.report("T018", "has critical %s that Go does not support", what)
	}
}

func (c certificate) uses() {
	if only := constraints(c.Cert); only != "" {
		c.report("T011", "name constraints: %s", only)
	}
	if !forServers(c.Cert) {
		c.report("T012", "is for %s, not for servers", list(UsedFor(c.Cert)))
	}
}
