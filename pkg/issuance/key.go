package issuance

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
)

// keyOf describes a public key with cert-manager's type.
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

func keyDifference(c *cm.CertificateSpec, public any) string {
	wanted := cm.CertificatePrivateKey{Algorithm: cm.RSAKeyAlgorithm}
	if c.PrivateKey != nil && c.PrivateKey.Algorithm != "" {
		wanted.Algorithm = c.PrivateKey.Algorithm
	}
	if c.PrivateKey != nil {
		wanted.Size = c.PrivateKey.Size
	}
	switch {
	case wanted.Size != 0:
	case wanted.Algorithm == cm.RSAKeyAlgorithm:
		wanted.Size = cmpki.MinRSAKeySize
	case wanted.Algorithm == cm.ECDSAKeyAlgorithm:
		wanted.Size = cmpki.ECCurve256
	}
	if is := keyOf(public); is != wanted {
		return fmt.Sprintf("from %s to %s", keyName(is), keyName(wanted))
	}
	return ""
}

// newKey generates the private key for a certificate, in PEM.
func newKey(c *cm.CertificateSpec) ([]byte, error) {
	key, err := cmpki.GeneratePrivateKeyForCertificate(&cm.Certificate{Spec: *c})
	if err != nil {
		return nil, Failuref(ReasonRejected, "generate the private key: %v", err)
	}
	encoding := cm.PKCS1
	if c.PrivateKey != nil && c.PrivateKey.Encoding != "" {
		encoding = c.PrivateKey.Encoding
	}
	return cmpki.EncodePrivateKey(key, encoding)
}

// request creates the CSR for a key, as cert-manager does.
func request(c *cm.CertificateSpec, keyPEM []byte) ([]byte, error) {
	key, err := cmpki.DecodePrivateKeyBytes(keyPEM)
	if err != nil {
		return nil, Failuref(ReasonStore, "invalid private key in the journal")
	}
	template, err := cmpki.GenerateCSR(&cm.Certificate{Spec: *c}, cmpki.WithUseLiteralSubject(true))
	if err != nil {
		return nil, Failuref(ReasonRejected, "create the CSR: %v", err)
	}
	csr, err := cmpki.EncodeCSR(template, key)
	if err != nil {
		return nil, Failuref(ReasonRejected, "sign the CSR: %v", err)
	}
	return csr, nil
}

// temporary creates an untrusted certificate for a key in PEM, a placeholder until the real one
// is issued.
func temporary(c *cm.CertificateSpec, keyPEM []byte) ([]byte, error) {
	spec := c.DeepCopy()
	spec.Duration = nil
	cert, err := cmpki.GenerateLocallySignedTemporaryCertificate(&cm.Certificate{Spec: *spec}, keyPEM)
	if err != nil {
		return nil, Failuref(ReasonRejected, "create a temporary certificate: %v", err)
	}
	return cert, nil
}

// reusable reports whether an existing key can be used again: the demand allows it, and the key
// has the requested algorithm and size.
func reusable(c *cm.CertificateSpec, keyPEM []byte) bool {
	if c.PrivateKey == nil || c.PrivateKey.RotationPolicy != cm.RotationPolicyNever || len(keyPEM) == 0 {
		return false
	}
	key, err := cmpki.DecodePrivateKeyBytes(keyPEM)
	return err == nil && keyDifference(c, key.Public()) == ""
}
