package pki

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
)

// signedBy issues a certificate under the parent's name with another key than
// the fixture's.
func signedBy(t *testing.T, seed string, template, parent *x509.Certificate) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(1)
	sum := sha256.Sum256([]byte(seed))
	key := ed25519.NewKeyFromSeed(sum[:])
	named := *parent
	named.PublicKey = key.Public()
	der, err := x509.CreateCertificate(rand.Reader, template, &named, fixtureKey.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestIssuedBy(t *testing.T) {
	ca := root(t, "a")
	leaf := issue(t, &x509.Certificate{Subject: pkix.Name{CommonName: "leaf"}}, ca)
	recoded := *ca
	recoded.RawSubject = []byte("the same name in another encoding")
	renamed := recoded
	renamed.Subject = pkix.Name{Names: []pkix.AttributeTypeAndValue{{Value: "b"}}}
	nameless := *ca // says no key identifier
	nameless.SubjectKeyId = nil
	rekeyed := *ca
	rekeyed.SubjectKeyId = []byte("another")
	anonymous := recoded
	anonymous.SubjectKeyId = nil
	md5 := &x509.Certificate{SignatureAlgorithm: x509.MD5WithRSA, RawIssuer: ca.RawSubject, Issuer: ca.Subject}
	md5WithID := *md5
	md5WithID.AuthorityKeyId = ca.SubjectKeyId
	md5Elsewhere := md5WithID
	md5Elsewhere.RawIssuer, md5Elsewhere.Issuer = []byte("b"), pkix.Name{}
	sha1CA, sha1Leaf := sha1Pair(t)
	for name, tt := range map[string]struct {
		c, issuer *x509.Certificate
		want      Link
	}{
		"issued":                            {leaf, ca, Signed},
		"the issuer says no key identifier": {leaf, &nameless, Signed},
		"name in another encoding":          {leaf, &recoded, Likely},
		"the same, no key identifier":       {leaf, &anonymous, NotIssued},
		"the same key under another name":   {leaf, &renamed, NotIssued},
		"another key identifier":            {leaf, &rekeyed, Likely},
		"another key identifier, and key":   {signedBy(t, "b", &x509.Certificate{AuthorityKeyId: []byte("b")}, ca), ca, NotIssued},
		"another key under the same name":   {signedBy(t, "b", &x509.Certificate{}, &nameless), &nameless, NotIssued},
		"another CA":                        {leaf, root(t, "b"), NotIssued},
		"the other way round":               {ca, leaf, NotIssued},
		"a root by itself":                  {ca, ca, Signed},
		"SHA-1":                             {sha1Leaf, sha1CA, Likely},
		"MD5 by name":                       {md5, ca, Likely},
		"MD5 by name and key identifier":    {&md5WithID, ca, Likely},
		"MD5 by key identifier alone":       {&md5Elsewhere, ca, NotIssued},
	} {
		t.Run(name, func(t *testing.T) {
			if got := IssuedBy(tt.c, tt.issuer); got != tt.want {
				t.Errorf("IssuedBy is %v, want %v", got, tt.want)
			}
		})
	}
}

// sha1Pair is a root and what it signed with SHA-1, made by hand as x509 makes
// no such certificates any more.
func sha1Pair(t *testing.T) (ca, leaf *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tbs := []byte("to be signed")
	sum := sha1.Sum(tbs)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	ca = &x509.Certificate{RawSubject: []byte("ca"), PublicKey: key.Public()}
	leaf = &x509.Certificate{RawIssuer: []byte("ca"), SignatureAlgorithm: x509.SHA1WithRSA, RawTBSCertificate: tbs, Signature: signature}
	return ca, leaf
}
