package pki

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSummary(t *testing.T) {
	ca := root(t, "Corp Root 2026")
	dc := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 25}, Value: "corp"}
	cn := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "R"}
	odd := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{1, 2, 3}, Value: "x"}
	for name, tt := range map[string]struct {
		cert *x509.Certificate
		want string
	}{
		"root": {
			cert: ca,
			want: "CN=Corp Root 2026, CA, self-signed, Ed25519, 2026-01-01 to 2036-01-01",
		},
		"leaf with every kind of name": {
			cert: issue(t, &x509.Certificate{
				Subject:        pkix.Name{CommonName: "web", Organization: []string{"Acme, Inc."}, Country: []string{"DE"}},
				DNSNames:       []string{"a.example", "*.b.example"},
				IPAddresses:    []net.IP{net.IPv4(10, 0, 0, 1), net.ParseIP("fd00::1")},
				URIs:           []*url.URL{{Scheme: "spiffe", Host: "x", Path: "/y"}},
				EmailAddresses: []string{"a@b.example"},
			}, ca),
			want: `CN=web,O="Acme, Inc.",C=DE, issued by CN=Corp Root 2026, DNS a.example, DNS *.b.example, ` +
				"IP 10.0.0.1, IP fd00::1, URI spiffe://x/y, email a@b.example, Ed25519, 2026-01-01 to 2036-01-01",
		},
		"same name, other key": {
			cert: forged(t, ca),
			want: "CN=Corp Root 2026, CA, issued by CN=Corp Root 2026, Ed25519, 2026-01-01 to 2036-01-01",
		},
		"no name, Active Directory issuer": {
			cert: issue(t, &x509.Certificate{}, &x509.Certificate{
				Subject: pkix.Name{ExtraNames: []pkix.AttributeTypeAndValue{dc, odd, cn}},
			}),
			want: "no name, issued by CN=R,1.2.3=x,DC=corp, Ed25519, 2026-01-01 to 2036-01-01",
		},
		"names that play tricks": {
			cert: issue(t, &x509.Certificate{
				Subject:  pkix.Name{CommonName: "a\nb\x1b[31m\u202e\u2028", Locality: []string{"x,CN=y"}},
				DNSNames: []string{"a, CA", `"`},
			}, ca),
			want: `CN="a\nb\x1b[31m\u202e\u2028",L="x,CN=y", issued by CN=Corp Root 2026, ` +
				`DNS "a, CA", DNS "\"", Ed25519, 2026-01-01 to 2036-01-01`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := Summary(tt.cert)
			if diff := cmp.Diff(tt.want+", sha256 "+Fingerprint(tt.cert), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			mustNotLeak(t, got)
		})
	}
}

// forged returns a certificate with the subject and issuer of ca that ca's key
// did not sign.
func forged(t *testing.T, ca *x509.Certificate) *x509.Certificate {
	t.Helper()
	der := append([]byte(nil), ca.Raw...)
	der[len(der)-1] ^= 1
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestSummaryKey(t *testing.T) {
	for want, pub := range map[string]any{
		"RSA 4096":    &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 4095)},
		"ECDSA P-384": &ecdsa.PublicKey{Curve: elliptic.P384()},
		"Ed25519":     ed25519.PublicKey(nil),
		"unknown key": nil,
	} {
		if diff := cmp.Diff(want, Key(&x509.Certificate{PublicKey: pub})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestFingerprint(t *testing.T) {
	const want = "ba:78:16:bf:8f:01:cf:ea:41:41:40:de:5d:ae:22:23:b0:03:61:a3:96:17:7a:9c:b4:10:ff:61:f2:00:15:ad"
	got := Fingerprint(&x509.Certificate{Raw: []byte("abc")}) // the example of FIPS 180
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
