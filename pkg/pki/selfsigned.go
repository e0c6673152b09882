package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
)

// SelfSigned reports whether a certificate was signed by its own key. Where
// crypto/x509 will not check a signature (SHA-1, MD5, tiny keys, algorithms it
// does not know), equal names and key identifiers decide: such old roots are
// in many bundles, and their own signature proves nothing about them anyway.
func SelfSigned(c *x509.Certificate) bool {
	if !bytes.Equal(c.RawSubject, c.RawIssuer) {
		return false
	}
	err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	if err != nil && uncheckable(c, err) {
		return len(c.AuthorityKeyId) == 0 || bytes.Equal(c.AuthorityKeyId, c.SubjectKeyId)
	}
	return err == nil
}

// minRSABits is the least that crypto/rsa works with.
const minRSABits = 1024

// uncheckable reports whether an error of checking a signature with a
// certificate's key leaves open whether it is good.
func uncheckable(signer *x509.Certificate, err error) bool {
	if _, insecure := errors.AsType[x509.InsecureAlgorithmError](err); insecure {
		return true
	}
	small, isRSA := signer.PublicKey.(*rsa.PublicKey)
	return errors.Is(err, x509.ErrUnsupportedAlgorithm) || isRSA && small.N.BitLen() < minRSABits
}
