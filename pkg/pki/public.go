package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
)

// PublicKeys returns the public keys of the private keys in PEM, or of one in DER.
// All is false if a private key cannot be read, for example because it is
// encrypted. It does not keep the private keys.
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

// publicKey parses PKCS#8, PKCS#1 and SEC 1. It returns nil for anything else.
func publicKey(der []byte) crypto.PublicKey {
	if len(der) == 0 || der[0] != 0x30 { // not a SEQUENCE
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

// SamePublicKey reports whether a certificate has a public key.
func SamePublicKey(c *x509.Certificate, key crypto.PublicKey) bool {
	own, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return ok && own.Equal(key)
}
