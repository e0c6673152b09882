package issuance

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
)

// keyOf describes a public key in cert-manager's words.
func keyOf(public any) cm.CertificatePrivateKey {
	switch k := public.(type) {
	case *rsa.PublicKey:
		return cm.CertificatePrivateKey{Algorithm: cm.RSAKeyAlgorithm, Size: k.N.BitLen()}
	case *ecdsa.PublicKey:
		return cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm, Size: k.Curve.Params().BitSize}
	case ed25519.PublicKey:
		return cm.CertificatePrivateKey{Algorithm: cm.Ed25519KeyAlgorithm}
	}
	return cm.CertificatePrivateKey{}
}

func keyName(k cm.CertificatePrivateKey) string {
	if k.Size == 0 {
		return string(k.Algorithm)
	}
	return fmt.Sprintf("%s %d", k.Algorithm, k.Size)
}

// newKey makes the private key that a certificate wants, in PEM.
func newKey(c *cm.CertificateSpec) ([]byte, error) {
	key, err := cmpki.GeneratePrivateKeyForCertificate(&cm.Certificate{Spec: *c})
	if err != nil {
		return nil, Failuref(ReasonRejected, "make a private key: %v", err)
	}
	encoding := cm.PKCS1
	if c.PrivateKey != nil && c.PrivateKey.Encoding != "" {
		encoding = c.PrivateKey.Encoding
	}
	return cmpki.EncodePrivateKey(key, encoding)
}

// request makes the CSR for a key, as cert-manager would.
func request(c *cm.CertificateSpec, keyPEM []byte) ([]byte, error) {
	key, err := cmpki.DecodePrivateKeyBytes(keyPEM)
	if err != nil {
		return nil, Failuref(ReasonStore, "the journalled private key cannot be read")
	}
	template, err := cmpki.GenerateCSR(&cm.Certificate{Spec: *c}, cmpki.WithUseLiteralSubject(true))
	if err != nil {
		return nil, Failuref(ReasonRejected, "make a certificate request: %v", err)
	}
	csr, err := cmpki.EncodeCSR(template, key)
	if err != nil {
		return nil, Failuref(ReasonRejected, "sign the certificate request: %v", err)
	}
	return csr, nil
}

// temporary makes a certificate for a key that stands in until a real one is
// there, in PEM; nobody trusts it.
func temporary(c *cm.CertificateSpec, keyPEM []byte) ([]byte, error) {
	spec := c.DeepCopy()
	spec.Duration = nil
	cert, err := cmpki.GenerateLocallySignedTemporaryCertificate(&cm.Certificate{Spec: *spec}, keyPEM)
	if err != nil {
		return nil, Failuref(ReasonRejected, "make a temporary certificate: %v", err)
	}
	return cert, nil
}

// reusable reports whether an existing key may serve again: the demand wants
// it kept, and it is of the right kind.
func reusable(c *cm.CertificateSpec, keyPEM []byte) bool {
	if c.PrivateKey == nil || c.PrivateKey.RotationPolicy != cm.RotationPolicyNever || len(keyPEM) == 0 {
		return false
	}
	key, err := cmpki.DecodePrivateKeyBytes(keyPEM)
	return err == nil && keyDifference(c, key.Public()) == ""
}

// fits says what is wrong with a chain that a CA issued for a demand, "" if
// nothing is.
func fits(chain []*x509.Certificate, d *Demand, keyPEM []byte) string {
	if broken := damage(chain, keyPEM); broken != "" {
		return "the CA's answer " + string(broken)
	}
	have := SecretState{Names: namesOf(chain[0]), Note: Note{Demand: d.Digest}}
	if lost := nameDifference(d, have); lost != "" {
		return "the CA's certificate lacks names: " + lost
	}
	return ""
}

// invalidAt says why a certificate that a CA issued cannot be used at a time, ""
// if it can.
func invalidAt(leaf *x509.Certificate, now time.Time) string {
	switch {
	case !leaf.NotAfter.After(now):
		return "the CA's certificate has expired already; check the clock"
	case leaf.NotBefore.After(now.Add(clockSkew)):
		return fmt.Sprintf("the CA's certificate is not valid before %s; check the clock", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return ""
}
