package pki

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
)

// TestPublicKeys: keys in every usual form are read, certificates between them
// skipped, and unreadable keys reported.
func TestPublicKeys(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ecKey)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(edKey)
	if err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, b := range []pem.Block{
		{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)},
		{Type: "CERTIFICATE", Bytes: []byte("none")},
		{Type: "EC PRIVATE KEY", Bytes: sec1},
		{Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		text = append(text, pem.EncodeToMemory(&b)...)
	}
	keys, all := PublicKeys(text)
	if len(keys) != 3 || !all || !rsaKey.PublicKey.Equal(keys[0]) || !ecKey.PublicKey.Equal(keys[1]) || !edKey.Public().(ed25519.PublicKey).Equal(keys[2]) {
		t.Errorf("%d keys, all %v", len(keys), all)
	}
	if !SamePublicKey(&x509.Certificate{PublicKey: edKey.Public()}, keys[2]) || SamePublicKey(&x509.Certificate{PublicKey: edKey.Public()}, keys[1]) {
		t.Error("a certificate is of another key than its own")
	}
	if keys, all := PublicKeys(append([]byte("0 of three\n"), text...)); len(keys) != 3 || !all {
		t.Errorf("%d keys behind a text, all %v", len(keys), all)
	}
	if keys, all := PublicKeys(pkcs8); len(keys) != 1 || !all {
		t.Errorf("%d keys in DER, all %v", len(keys), all)
	}
	locked := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("locked")})
	if keys, all := PublicKeys(append(text, locked...)); len(keys) != 3 || all {
		t.Errorf("%d keys, all %v, with one that is encrypted", len(keys), all)
	}
}
