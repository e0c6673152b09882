package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
)

// SelfSigned reports whether a certificate was signed by its own key. If
// crypto/x509 does not verify the signature (SHA-1, MD5, tiny keys, unknown
// algorithms), equal names and key identifiers are enough. Many bundles have such
// old roots, and a root's self-signature proves nothing.
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

// minRSABits is the minimum key size of crypto/rsa.
const minRSABits = 1024

// uncheckable reports whether an error means that a signature could not be
// verified, and not that it is wrong.
func uncheckable(signer *x509.Certificate, err error) bool {
	if _, insecure := errors.AsType[x509.InsecureAlgorithmError](err); insecure {
		return true
	}
	small, isRSA := signer.PublicKey.(*rsa.PublicKey)
	return errors.Is(err, x509.ErrUnsupportedAlgorithm) || isRSA && small.N.BitLen() < minRSABits
}
