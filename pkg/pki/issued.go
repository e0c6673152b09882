package pki

import (
	"bytes"
	"crypto/x509"
	"strings"
)

// Link is how sure it is that one certificate was issued by another. The zero
// value is that it was not.
type Link int

const (
	// NotIssued: under another name, or the signature is not of the issuer's key.
	NotIssued Link = iota
	// Likely: some clients build the chain and some refuse. The signature is
	// SHA-1, or crypto/x509 will not check it at all (MD5, tiny keys, unknown
	// algorithms), or the names differ in their encoding, or the key identifiers
	// differ.
	Likely
	// Signed by the issuer's key, as every client can tell.
	Signed
)

// IssuedBy reports whether a certificate was issued by another, under its name
// and by its key.
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

// isSHA1 is what x509 checks when asked for a signature, and refuses in a chain.
func isSHA1(a x509.SignatureAlgorithm) bool {
	return a == x509.SHA1WithRSA || a == x509.ECDSAWithSHA1
}
