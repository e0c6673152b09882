package pki

import (
	"crypto/x509"
	"math/big"
	"testing"
)

// exampleCert is the certificate of RFC 9773 Appendix A. Its serial number
// starts with a bit that DER puts a zero byte before.
const exampleCert = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
`

func TestRenewalID(t *testing.T) {
	example, err := Parse([]byte(exampleCert))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		cert      *x509.Certificate
		want, err string
	}{
		"RFC 9773":     {cert: example[0], want: "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"},
		"no high bit":  {cert: &x509.Certificate{AuthorityKeyId: []byte{1}, SerialNumber: big.NewInt(0x0102)}, want: "AQ.AQI"},
		"no issuer":    {cert: &x509.Certificate{SerialNumber: big.NewInt(255)}, err: "renewal identifier of certificate ff: no authority key identifier"},
		"no serial":    {cert: &x509.Certificate{AuthorityKeyId: []byte{1}}, err: "renewal identifier: no certificate with a serial number"},
		"nothing":      {err: "renewal identifier: no certificate with a serial number"},
		"serial of 20": {cert: &x509.Certificate{AuthorityKeyId: []byte{1}, SerialNumber: new(big.Int).Lsh(big.NewInt(0xff), 152)}, want: "AQ.AP8AAAAAAAAAAAAAAAAAAAAAAAAA"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := RenewalID(tt.cert)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if got != tt.want || text != tt.err {
				t.Errorf("got %q, %q, want %q, %q", got, text, tt.want, tt.err)
			}
		})
	}
}
