package issuance

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Ref names a Secret.
type Ref struct{ Namespace, Name string }

func (r Ref) String() string { return r.Namespace + "/" + r.Name }

// Issuer is an Issuer or a ClusterIssuer; Namespace is "" for the latter.
type Issuer struct {
	Kind, Namespace, Name string
	Spec                  cm.IssuerSpec
}

// Key returns the issuer's kind, namespace and name.
func (i Issuer) Key() plan.IssuerKey {
	return plan.IssuerKey{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
}

// Demand is one requested certificate and its issuer.
type Demand struct {
	plan.Need
	Ref Ref
	// Names are all DNS names and IP addresses of the certificate, sorted, without duplicates.
	Names  []string
	Issuer Issuer
	// Digest identifies the contents of the certificate: demands for the same Secret with
	// different digests need different certificates.
	Digest string
	// Problem is why the certificate cannot be issued, "" if it can.
	Problem string
}

// ACME returns the ACME configuration of the issuer; it is not nil if Problem is "".
func (d *Demand) ACME() *cmacme.ACMEIssuer { return d.Issuer.Spec.ACME }

// CertificateName returns the name of the Certificate for the Secret: the one that requests it,
// or the one that cert-manager creates for another object.
func (d *Demand) CertificateName() string {
	if d.By.Kind == cm.CertificateKind {
		return d.By.Name
	}
	return d.Ref.Name
}

func compareRefs(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// NewDemand combines the needs for one Secret, at least one, to a demand.
func NewDemand(ref Ref, needs []plan.Need, issuers map[plan.IssuerKey]Issuer) Demand {
	n := needs[0]
	d := Demand{Need: n, Ref: ref, Names: plan.Names(&n.Certificate)}
	issuer, found := issuers[plan.IssuerOf(n)]
	d.Issuer = issuer
	if !found {
		d.Issuer = Issuer{Kind: plan.IssuerOf(n).Kind, Namespace: plan.IssuerOf(n).Namespace, Name: plan.IssuerOf(n).Name}
	}
	if found && issuer.Spec.ACME != nil {
		d.Profile = issuer.Spec.ACME.Profile
	}
	d.Digest = digest(&d)
	d.Problem = cmp.Or(conflict(needs), missing(&d, found), unfit(&d))
	return d
}

// conflict returns which objects request different certificates in one Secret.
func conflict(needs []plan.Need) string {
	if other := plan.FirstConflict(needs); other > 0 {
		return fmt.Sprintf("%s and %s request different certificates in the same Secret: use another Secret for one of them", by(needs[0].By), by(needs[other].By))
	}
	return ""
}

// CanonicalName returns a DNS name or IP address in the form of CAs: a name in lower case
// without the trailing dot (RFC 8555 §7.1.3, RFC 5280 §4.2.1.6), an address in its shortest
// form (RFC 8738 §3, RFC 5952).
func CanonicalName(name string) string {
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

func by(s plan.Source) string { return s.Kind + " " + s.Namespace + "/" + s.Name }

func missing(d *Demand, found bool) string {
	group := d.Certificate.IssuerRef.Group
	switch {
	case group != "" && group != "cert-manager.io":
		return fmt.Sprintf("issuer kind %s of group %s is not supported: its own controller issues the certificate", d.Certificate.IssuerRef.Kind, group)
	case !found:
		return fmt.Sprintf("%s not found or not readable: apply it, or pass its manifests with -f or -k", d.Issuer.Key())
	case d.Issuer.Spec.ACME == nil:
		return fmt.Sprintf("%s is not an ACME issuer: kubectl certs run supports only ACME", d.Issuer.Key())
	}
	return ""
}

// unfit returns what an ACME CA cannot put into a certificate.
func unfit(d *Demand) string {
	c := &d.Certificate
	switch {
	case len(d.Names) == 0:
		return "no DNS names or IP addresses"
	case len(c.URIs)+len(c.EmailAddresses)+len(c.OtherNames) > 0:
		return "ACME certificates support only DNS names and IP addresses: remove URIs, email addresses and other names"
	case c.IsCA:
		return "ACME CAs do not issue CA certificates: remove isCA"
	}
	return ""
}

// digest covers what the CA gets, not how the result is stored or when it is renewed.
func digest(d *Demand) string {
	c := d.Certificate.DeepCopy()
	seen := struct {
		Names           []string
		Issuer          plan.IssuerKey
		Server, Profile string
		Spec            cm.CertificateSpec
	}{d.Names, d.Issuer.Key(), "", d.Profile, cm.CertificateSpec{
		CommonName: c.CommonName, Subject: c.Subject, LiteralSubject: c.LiteralSubject, Usages: c.Usages, Duration: c.Duration,
	}}
	if c.PrivateKey != nil {
		seen.Spec.PrivateKey = &cm.CertificatePrivateKey{Algorithm: c.PrivateKey.Algorithm, Size: c.PrivateKey.Size}
	}
	if acme := d.ACME(); acme != nil {
		seen.Server = acme.Server
	}
	text, err := json.Marshal(seen)
	if err != nil {
		panic(err) // plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
