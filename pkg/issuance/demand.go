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

// Key returns the issuer's name.
func (i Issuer) Key() plan.IssuerKey {
	return plan.IssuerKey{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
}

// Demand is one certificate to be had, and from whom.
type Demand struct {
	plan.Need
	Ref Ref
	// Names are all names that the certificate must have: DNS names and IP
	// addresses, sorted, each once.
	Names  []string
	Issuer Issuer
	// Digest tells this demand from any other for the same Secret, as far as
	// the certificate would differ.
	Digest string
	// Problem says why nothing can be done for it, "" if something can.
	Problem string
}

// ACME is the ACME part of the issuer; not nil where Problem is "".
func (d *Demand) ACME() *cmacme.ACMEIssuer { return d.Issuer.Spec.ACME }

func compareRefs(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}

// NewDemand makes the demand of all that ask for one Secret, at least one.
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

// conflict says who asks for one Secret in different ways.
func conflict(needs []plan.Need) string {
	if other := plan.FirstConflict(needs); other > 0 {
		return fmt.Sprintf("%s and %s ask for different certificates in one Secret; give one of them another Secret", by(needs[0].By), by(needs[other].By))
	}
	return ""
}

// CanonicalName is a DNS name or IP address as CAs write it: a name in lower case
// and without the dot at its end (RFC 8555 §7.1.3, RFC 5280 §4.2.1.6), an address
// in its shortest form (RFC 8738 §3, RFC 5952).
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
		return fmt.Sprintf("its issuer is a %s of %s, which only its own controller serves", d.Certificate.IssuerRef.Kind, group)
	case !found:
		return fmt.Sprintf("%s is not there, or may not be read; apply it, or name the manifests that hold it with -f or -k", d.Issuer.Key())
	case d.Issuer.Spec.ACME == nil:
		return fmt.Sprintf("%s is not an ACME issuer, and run issues by ACME only", d.Issuer.Key())
	}
	return ""
}

// unfit says what an ACME CA cannot put into a certificate.
func unfit(d *Demand) string {
	c := &d.Certificate
	switch {
	case len(d.Names) == 0:
		return "asks for no DNS name and no IP address"
	case len(c.URIs)+len(c.EmailAddresses)+len(c.OtherNames) > 0:
		return "ACME certificates have DNS names and IP addresses only; drop the URIs, e-mail addresses and other names"
	case c.IsCA:
		return "an ACME CA issues no CA certificates; drop isCA"
	}
	return ""
}

// digest covers what a CA sees, and nothing that only changes how the result
// is stored or when it is renewed.
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
