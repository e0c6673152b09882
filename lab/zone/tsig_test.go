package zone

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestKeys: what the DNS library signs is taken, and what it does not sign any
// more too; another secret, another key and an unknown algorithm are not.
func TestKeys(t *testing.T) {
	const secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMw=="
	ours := keys{"lab.": secret}
	for algorithm := range hashes {
		m := new(dns.Msg).SetUpdate("example.com.")
		m.SetTsig("LAB.", algorithm, 300, time.Now().Unix())
		var wire []byte
		var err error
		if algorithm == dns.HmacMD5 {
			wire, _, err = dns.TsigGenerateWithProvider(m, ours, "", false)
		} else {
			wire, _, err = dns.TsigGenerate(m, secret, "", false)
		}
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		for _, c := range []struct {
			title string
			keys  keys
			want  error
		}{
			{"the key", ours, nil},
			{"another secret", keys{"lab.": "b3RoZXI="}, dns.ErrSig},
			{"another key", keys{"who.": secret}, dns.ErrSecret},
		} {
			if err := dns.TsigVerifyWithProvider(slices.Clone(wire), c.keys, "", false); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v, want %v", algorithm, c.title, err, c.want)
			}
		}
	}
	if _, err := ours.Generate(nil, &dns.TSIG{Hdr: dns.RR_Header{Name: "lab."}, Algorithm: "gss-tsig."}); !errors.Is(err, dns.ErrKeyAlg) {
		t.Errorf("gss-tsig: %v", err)
	}
}
