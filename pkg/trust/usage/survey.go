package usage

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Role is what a certificate is used for.
type Role string

// A Server certificate is issued under the CA. A Signer is the CA itself or a CA
// below it, with its key. A Trusted certificate verifies others.
const (
	Server  Role = "certificate"
	Signer  Role = "ca"
	Trusted Role = "trust"
)

// Use describes how one Secret or ConfigMap uses one of the CAs.
type Use struct {
	Ref    Ref
	Key    string
	Role   Role
	Issuer Ref // as in Holder
	// Cert is the certificate that is served, signs or is trusted.
	Cert *x509.Certificate
	// Path is the chain from Cert to the CA, both included. Instead is another
	// root that verifies Cert and stays trusted; nil if there is none.
	Path    []*x509.Certificate
	Instead *x509.Certificate
	Changed time.Time // as in Holder
	Users   []User
}

// User is an object that uses a Secret.
type User struct {
	Ref
	Pods int // of a workload
}

// Issuing reports whether an issuer signs with the certificate.
func (u Use) Issuing() bool { return slices.ContainsFunc(u.Users, User.IsIssuer) }

// IsIssuer reports whether the user signs with the Secret.
func (u User) IsIssuer() bool { return u.Kind == "Issuer" || u.Kind == "ClusterIssuer" }

// IsMaker reports whether the user writes the Secret and does not read it.
func (u User) IsMaker() bool { return u.Kind == "Certificate" }

// Needs reports whether something fails when clients no longer trust the CA. An
// expired certificate fails anyway. A certificate that another trusted root
// verifies still works. The Secret of a CA matters only if something signs with
// it or serves it.
func (u Use) Needs(now time.Time) bool {
	switch {
	case u.Role == Trusted, u.Instead != nil, u.Expired(now):
		return false
	case u.Role == Signer:
		return slices.ContainsFunc(u.Users, func(by User) bool { return !by.IsMaker() })
	}
	return true
}

// Reason returns what the certificate has to do with the CA, or why it does not
// need the CA: signs with it, expired.
func (u Use) Reason(now time.Time) string {
	switch {
	case u.Role == Trusted:
		return "trusts it"
	case u.Instead != nil:
		return pki.Name(u.Instead.Subject) + " also validates it"
	case u.Expired(now):
		return "expired"
	case u.Role == Server:
		return "was issued by it"
	case u.Issuing():
		return "signs with it"
	case u.Needs(now):
		return "is a CA certificate in use"
	}
	return "is an unused CA certificate"
}

// Expired reports whether the certificate has expired.
func (u Use) Expired(now time.Time) bool { return now.After(u.Cert.NotAfter) }

// Survey answers a question for each certificate of a cluster and keeps those
// related to the CAs of the question.
type Survey struct {
	question *Question
	uses     []Use
	open     []open
	doubts   []Doubt
}

// Doubt is a Secret that may need the CAs.
type Doubt struct {
	Ref Ref
	Key string
	Why string
	// Of is the certificate with the unknown issuer; nil if it cannot be parsed.
	Of *x509.Certificate
}

// open is a chain that ends at a certificate with an issuer not known yet.
type open struct {
	use   Use
	chain Chain
	keyed bool // with a private key beside it
}

// serves reports whether a certificate may be a server's. The key may be in
// another object.
func serves(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage) == 0 || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// NewSurvey starts a survey.
func NewSurvey(q *Question) *Survey { return &Survey{question: q} }

// Add adds the certificates of a Secret or ConfigMap.
func (s *Survey) Add(h Holder) {
	for _, u := range h.Unread {
		s.doubts = append(s.doubts, Doubt{Ref: h.Ref, Key: u.Key, Why: u.Why})
	}
	for _, v := range h.Values {
		use := Use{Ref: h.Ref, Key: v.Key, Issuer: h.Issuer, Changed: h.Changed}
		chains := h.chains(v)
		for _, chain := range chains {
			s.server(use, chain, h.Keyed)
		}
		if chains != nil {
			continue
		}
		if i := slices.IndexFunc(v.Certs, func(c *x509.Certificate) bool { return pki.Contains(s.question.of, c) }); i >= 0 {
			use.Role, use.Cert, use.Path = Trusted, v.Certs[i], v.Certs[i:i+1]
			s.uses = append(s.uses, use)
		}
	}
}

func (s *Survey) server(use Use, chain Chain, keyed bool) {
	use.Cert, use.Role = chain.Leaf, Server
	if chain.Leaf.IsCA || cabundle.KindOf(chain.Leaf) != cabundle.Leaf {
		use.Role = Signer
	}
	a := s.question.About(chain, nil)
	switch use.Path, use.Instead = a.Path, a.Instead; {
	case a.Path != nil:
		s.uses = append(s.uses, use)
	case a.Open != nil && a.Instead == nil:
		s.open = append(s.open, open{use, chain, keyed})
	}
}

// Report returns all uses and the remaining doubts. The CAs of the pool complete
// chains that servers send without their CA. Expired certificates and
// certificates of public CAs are not doubts.
func (s *Survey) Report(pool *Pool) Report {
	uses, doubts := slices.Clone(s.uses), slices.Clone(s.doubts)
	for _, o := range s.open {
		a := s.question.About(o.chain, pool)
		switch {
		case a.Path != nil:
			o.use.Path, o.use.Instead = a.Path, a.Instead
			uses = append(uses, o.use)
		case a.Open != nil && (o.keyed || serves(o.use.Cert)) && !o.use.Expired(s.question.now) && !s.question.public(o.chain):
			of := a.Open[0]
			doubts = append(doubts, Doubt{Ref: o.use.Ref, Key: o.use.Key, Of: of, Why: fmt.Sprintf("the chain of %s ends at %s, which is unknown", pki.Title(o.use.Cert), pki.Name(of.Issuer))})
		}
	}
	slices.SortFunc(uses, func(a, b Use) int {
		return cmp.Or(a.Ref.Compare(b.Ref), cmp.Compare(a.Key, b.Key))
	})
	slices.SortFunc(doubts, func(a, b Doubt) int {
		return cmp.Or(a.Ref.Compare(b.Ref), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Why, b.Why))
	})
	return Report{uses, doubts}
}
