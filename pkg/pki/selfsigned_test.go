package pki

import (
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"testing"
)

func TestSelfSigned(t *testing.T) {
	ca := root(t, "a")
	tiny := &rsa.PublicKey{N: big.NewInt(1 << 62), E: 3}
	for name, tt := range map[string]struct {
		cert *x509.Certificate
		want bool
	}{
		"root":                      {ca, true},
		"issued":                    {issue(t, &x509.Certificate{}, ca), false},
		"own name, another's key":   {forged(t, ca), false},
		"SHA-1":                     {&x509.Certificate{SignatureAlgorithm: x509.SHA1WithRSA}, true},
		"MD5, own identifier":       {&x509.Certificate{SignatureAlgorithm: x509.MD5WithRSA, AuthorityKeyId: []byte{1}, SubjectKeyId: []byte{1}}, true},
		"SHA-1, another identifier": {&x509.Certificate{SignatureAlgorithm: x509.SHA1WithRSA, AuthorityKeyId: []byte{1}}, false},
		"unknown algorithm":         {&x509.Certificate{}, true},
		"tiny key":                  {&x509.Certificate{SignatureAlgorithm: x509.SHA256WithRSA, PublicKey: tiny}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := SelfSigned(tt.cert); got != tt.want {
				t.Errorf("SelfSigned is %v, want %v", got, tt.want)
			}
		})
	}
}
