package usage

import (
	"bytes"
	"crypto/x509"
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// Question is whether certificates need some CAs to be trusted.
type Question struct {
	of, with []*x509.Certificate
	now      time.Time

	// Public are public roots. A certificate that they verify is not of a private
	// CA, even if its chain is incomplete. Nil means no roots.
	Public *x509.CertPool

	roots, others *x509.CertPool // the roots and intermediates of with
	links         links
}

// NewQuestion returns a question about the CAs in of. With are the other CAs of clients:
// roots that stay trusted, and intermediates that servers do not send. Now is
// the time of verification.
func NewQuestion(of, with []*x509.Certificate, now time.Time) *Question {
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
	Sent []*x509.Certificate // after it
	// Beside are CAs in the same object that are not sent, as in ca.crt.
	Beside []*x509.Certificate
}

// Answer is the result for one certificate.
type Answer struct {
	// Path is a chain from the certificate to one of the CAs, both included;
	// nil if there is no such chain.
	Path []*x509.Certificate
	// Instead is another root of clients that verifies the certificate with the
	// chain that its server sends; nil if there is none, or if Path and Open are
	// nil.
	Instead *x509.Certificate
	// Open are the certificates with unknown issuers at which chains end; nil if
	// Path is not.
	Open []*x509.Certificate
}

// About answers the question for one certificate. The chain may include CAs of
// the pool that neither server nor clients have. A nil pool is empty.
func (q *Question) About(c Chain, pool *Pool) Answer {
	builder := chainBuilder{links: q.links, goal: q.of, candidates: slices.Concat(c.Sent, c.Beside, q.with, q.of), pool: pool}
	found := builder.from(c.Leaf, nil)
	switch {
	case found:
		return Answer{Path: builder.path, Instead: q.instead(c)}
	case builder.open != nil:
		return Answer{Open: builder.open, Instead: q.instead(c)}
	}
	return Answer{}
}

// instead verifies a certificate as Go does in clients that do not trust the CAs
// of the question. A CA counts as verified if one of its certificates is.
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

// public reports whether a public root verifies a certificate with the chain
// that its server sends. An intermediate in the system's roots does not count:
// the CA of the question may have signed it.
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

// sameCA returns the certificates with the subject and key of a CA.
func sameCA(ca *x509.Certificate, among []*x509.Certificate) []*x509.Certificate {
	var same []*x509.Certificate
	for _, c := range among {
		if bytes.Equal(c.RawSubject, ca.RawSubject) && bytes.Equal(c.RawSubjectPublicKeyInfo, ca.RawSubjectPublicKeyInfo) {
			same = append(same, c)
		}
	}
	return same
}

// chainBuilder looks for a chain to one of the goals. It also accepts chains that
// only some clients accept: a false report that a certificate needs a CA is
// harmless.
type chainBuilder struct {
	links            links
	goal, candidates []*x509.Certificate
	pool             *Pool // more candidates; may be nil
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

// links caches which CA issued which. A cluster has few CAs, and they are
// compared often.
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

// Needs returns a chain from a served certificate to one of the CAs if clients
// reject the certificate without them, and nil otherwise. The CAs of the pool
// complete an incomplete chain.
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
