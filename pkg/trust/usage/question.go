package usage

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Question asks whether certificates need some CAs to be trusted.
type Question struct {
	of, with []*x509.Certificate
	now      time.Time

	// Public are roots that everybody has: what they vouch for is no private
	// CA's, whether its chain is known or not. Nil is none.
	Public *x509.CertPool

	roots, others *x509.CertPool // of with: what clients trust, and what helps to get there
	links         links
}

// Ask makes a question about some CAs. With is what clients have besides:
// roots that stay trusted, and intermediates that servers do not send. Now is
// when they verify.
func Ask(of, with []*x509.Certificate, now time.Time) *Question {
	q := &Question{of: of, with: with, now: now, roots: x509.NewCertPool(), others: x509.NewCertPool(), links: links{}}
	for _, ca := range with {
		switch {
		case pki.Contains(of, ca):
		case pki.SelfSigned(ca):
			q.roots.AddCert(ca)
		default:
			q.others.AddCert(ca)
		}
	}
	return q
}

// Chain is a certificate as a server sends it.
type Chain struct {
	Leaf *x509.Certificate
	Sent []*x509.Certificate // behind it
	// Beside are CAs that lie beside it and are not sent, as in ca.crt.
	Beside []*x509.Certificate
}

// Answer is how a certificate stands to the CAs in question.
type Answer struct {
	// Path is a chain from the certificate to one of the CAs, both included;
	// nil if none leads there.
	Path []*x509.Certificate
	// Instead is a root that clients have besides and that vouches for the
	// certificate too, by what its server sends; nil if none does, or if it
	// does not matter.
	Instead *x509.Certificate
	// Open are certificates whose issuer is not known, at which chains end; nil
	// if a chain leads to the CAs.
	Open []*x509.Certificate
}

// About answers for one certificate. The CAs of a pool may be part of its
// chain, though neither its server nor its clients have them; nil is none.
func (q *Question) About(c Chain, pool *Pool) Answer {
	climb := chainBuilder{links: q.links, goal: q.of, candidates: slices.Concat(c.Sent, c.Beside, q.with, q.of), pool: pool}
	led := climb.from(c.Leaf, nil)
	switch {
	case led:
		return Answer{Path: climb.path, Instead: q.instead(c)}
	case climb.open != nil:
		return Answer{Open: climb.open, Instead: q.instead(c)}
	}
	return Answer{}
}

// instead verifies as Go clients do, of whom none trusts the CAs in question.
// A CA is vouched for if what it signs is: by any certificate that it has.
func (q *Question) instead(c Chain) *x509.Certificate {
	others := q.others.Clone()
	for _, ca := range c.Sent {
		if !pki.Contains(q.of, ca) {
			others.AddCert(ca)
		}
	}
	certs := []*x509.Certificate{c.Leaf}
	if c.Leaf.IsCA {
		certs = slices.Concat(certs, sameCA(c.Leaf, c.Sent), sameCA(c.Leaf, q.with))
	}
	for _, cert := range certs {
		if pki.Contains(q.of, cert) {
			continue
		}
		chains, err := cert.Verify(x509.VerifyOptions{
			Roots: q.roots, Intermediates: others, CurrentTime: q.now,
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		})
		if err == nil {
			return chains[0][len(chains[0])-1]
		}
	}
	return nil
}

// public reports whether a root that everybody has vouches for a certificate,
// by what its server sends. An intermediate that a machine trusts is none: the
// CA in question may have signed it.
func (q *Question) public(c Chain) bool {
	if q.Public == nil {
		return false
	}
	sent := x509.NewCertPool()
	for _, ca := range c.Sent {
		sent.AddCert(ca)
	}
	chains, err := c.Leaf.Verify(x509.VerifyOptions{
		Roots: q.Public, Intermediates: sent, CurrentTime: q.now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil && slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool {
		return pki.SelfSigned(chain[len(chain)-1])
	})
}

// sameCA are the certificates that a CA has besides one, from other issuers.
func sameCA(ca *x509.Certificate, among []*x509.Certificate) []*x509.Certificate {
	var same []*x509.Certificate
	for _, c := range among {
		if bytes.Equal(c.RawSubject, ca.RawSubject) && bytes.Equal(c.RawSubjectPublicKeyInfo, ca.RawSubjectPublicKeyInfo) {
			same = append(same, c)
		}
	}
	return same
}

// chainBuilder looks for a chain to any of some CAs. It takes what only some clients
// would: better one certificate too many is said to need a CA.
type chainBuilder struct {
	links            links
	goal, candidates []*x509.Certificate
	pool             *Pool // of more candidates; nil for none
	seen, path, open []*x509.Certificate
}

func (s *chainBuilder) from(c *x509.Certificate, below []*x509.Certificate) bool {
	path := append(slices.Clone(below), c)
	if pki.Contains(s.goal, c) {
		s.path = path
		return true
	}
	s.seen = append(s.seen, c)
	issued := false
	for _, ca := range slices.Concat(s.candidates, s.pool.issuers(c)) {
		if s.links.of(c, ca) == pki.NotIssued {
			continue
		}
		issued = true
		if !pki.Contains(s.seen, ca) && s.from(ca, path) {
			return true
		}
	}
	if !issued && !pki.SelfSigned(c) {
		s.open = append(s.open, c)
	}
	return false
}

// links remembers which CA issued which: a cluster has few, and asks often.
type links map[[2]*x509.Certificate]pki.Link

func (l links) of(c, issuer *x509.Certificate) pki.Link {
	if issuer.BasicConstraintsValid && !issuer.IsCA {
		return pki.NotIssued
	}
	if !c.IsCA {
		return pki.IssuedBy(c, issuer)
	}
	pair := [2]*x509.Certificate{c, issuer}
	link, known := l[pair]
	if !known {
		link = pki.IssuedBy(c, issuer)
		l[pair] = link
	}
	return link
}

// Needs returns a chain from a certificate to one of the CAs, if it is served
// and clients would refuse it without them; nil otherwise. The pool's CAs help
// to complete a chain that ends early.
func (q *Question) Needs(c Chain, pool *Pool) []*x509.Certificate {
	a := q.About(c, nil)
	if a.Open != nil {
		a = q.About(c, pool)
	}
	if a.Instead != nil || q.now.After(c.Leaf.NotAfter) {
		return nil
	}
	return a.Path
}
