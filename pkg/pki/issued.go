package pki

import (
	"bytes"
	"crypto/x509"
	"strings"
)

// Link is the certainty that one certificate was issued by another. The zero value
// is NotIssued.
type Link int

const (
	// NotIssued means that the issuer has another name or key.
	NotIssued Link = iota
	// Likely means that some clients accept the chain and others do not. The
	// signature is SHA-1, or crypto/x509 does not verify it at all (MD5, tiny keys,
	// unknown algorithms), or the encodings of the names or the key identifiers
	// differ.
	Likely
	// Signed means that the issuer's key signed the certificate, and all clients
	// accept it.
	Signed
)

// IssuedBy reports whether a certificate was issued by another, by name and key.
func IssuedBy(c, issuer *x509.Certificate) Link {
	ids := len(c.AuthorityKeyId) > 0 && len(issuer.SubjectKeyId) > 0
	sameKey := ids && bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId)
	sameName := bytes.Equal(c.RawIssuer, issuer.RawSubject)
	recoded := sameKey && strings.EqualFold(Name(c.Issuer), Name(issuer.Subject))
	if !sameName && !recoded {
		return NotIssued
	}
	otherKey := ids && !sameKey // which Go believes only of signatures
	err := issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	switch {
	case err != nil && (otherKey || !uncheckable(issuer, err)):
		return NotIssued
	case err != nil, otherKey, !sameName, isSHA1(c.SignatureAlgorithm):
		return Likely
	}
	return Signed
}

// isSHA1 reports whether a signature uses SHA-1, which x509 verifies alone but
// rejects in a chain.
func isSHA1(a x509.SignatureAlgorithm) bool {
	return a == x509.SHA1WithRSA || a == x509.ECDSAWithSHA1
}
