package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// PublicKeys returns the public halves of the private keys in a PEM text, or of
// one in DER. All is false if there is one that cannot be read, because it is
// encrypted for instance. Nothing of the private halves is kept.
func PublicKeys(text []byte) (keys []crypto.PublicKey, all bool) {
	if key := publicKey(text); key != nil {
		return []crypto.PublicKey{key}, true
	}
	all = true
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		key := publicKey(block.Bytes)
		if key == nil {
			all = false
			continue
		}
		keys = append(keys, key)
	}
	return keys, all
}

// publicKey reads PKCS#8, PKCS#1 and SEC 1; nil if it is none of these.
func publicKey(der []byte) crypto.PublicKey {
	if len(der) == 0 || der[0] != 0x30 { // no sequence
		return nil
	}
	var key any
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		key = k
	} else if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		key = k
	} else if k, err := x509.ParseECPrivateKey(der); err == nil {
		key = k
	}
	if signer, ok := key.(crypto.Signer); ok {
		return signer.Public()
	}
	return nil
}

// SamePublicKey reports whether a certificate is of a public key.
func SamePublicKey(c *x509.Certificate, key crypto.PublicKey) bool {
	own, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return ok && own.Equal(key)
}
