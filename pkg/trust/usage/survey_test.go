package usage

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
)

func secret(name string, values ...Value) Holder {
	return Holder{Ref: Ref{"Secret", "shop", name}, Keyed: true, Values: values}
}

func keyless(name string, values ...Value) Holder {
	h := secret(name, values...)
	h.Keyed = false
	return h
}

func configMap(name string, values ...Value) Holder {
	return Holder{Ref: Ref{"ConfigMap", "shop", name}, Values: values}
}

func chain(certs ...any) Value { return Value{tlsKey, list(certs...)} }
func cas(certs ...any) Value   { return Value{cabundle.CAKey, list(certs...)} }

func TestSurvey(t *testing.T) {
	ended := func(c *x509.Certificate) { c.NotAfter = date(2026, 11, 1) }
	issuer := User{Ref: Ref{"ClusterIssuer", "", "corp"}}
	certificate := User{Ref: Ref{"Certificate", "shop", "x"}}
	for name, tt := range map[string]struct {
		holders []Holder
		users   []User
		want    []string // "" for each that does not need the CA but has to do with it
	}{
		"a server":                     {[]Holder{secret("s", chain(oldRoot.Leaf("a")))}, nil, []string{"secret/shop/s tls.crt certificate needs"}},
		"a server of others":           {[]Holder{secret("s", chain(other.Leaf("a"), other))}, nil, nil},
		"expired":                      {[]Holder{secret("s", chain(oldRoot.Leaf("a", ended)))}, nil, []string{"secret/shop/s tls.crt certificate"}},
		"what cert-manager writes":     {[]Holder{secret("s", cas(oldRoot), chain(oldMid.Leaf("a"), oldMid))}, nil, []string{"secret/shop/s ca.crt trust", "secret/shop/s tls.crt certificate needs"}},
		"the leaf is not the first":    {[]Holder{secret("s", chain(oldMid, oldMid.Leaf("a")))}, nil, []string{"secret/shop/s tls.crt certificate needs"}},
		"an unused CA":                 {[]Holder{secret("s", chain(oldRoot))}, nil, []string{"secret/shop/s tls.crt ca"}},
		"a CA that only is renewed":    {[]Holder{secret("s", chain(oldMid))}, []User{certificate}, []string{"secret/shop/s tls.crt ca"}},
		"a CA that an issuer has":      {[]Holder{secret("s", chain(oldMid))}, []User{certificate, issuer}, []string{"secret/shop/s tls.crt ca needs"}},
		"by whatever key":              {[]Holder{secret("s", Value{"server.pem", list(oldRoot.Leaf("a"))})}, nil, []string{"secret/shop/s server.pem certificate needs"}},
		"to be trusted":                {[]Holder{secret("s", Value{"roots.pem", list(other, oldRoot)})}, nil, []string{"secret/shop/s roots.pem trust"}},
		"a CA without its key":         {[]Holder{keyless("s", chain(oldRoot))}, []User{issuer}, []string{"secret/shop/s tls.crt trust"}},
		"a server without its key":     {[]Holder{keyless("s", chain(oldRoot.Leaf("a")))}, nil, []string{"secret/shop/s tls.crt certificate needs"}},
		"a CA that is cross-signed":    {[]Holder{secret("s", chain(cross))}, []User{issuer}, []string{"secret/shop/s tls.crt ca"}},
		"below it, sent with both":     {[]Holder{secret("s", chain(oldMid, newMid))}, []User{issuer}, []string{"secret/shop/s tls.crt ca"}},
		"a ConfigMap trusts":           {[]Holder{configMap("c", Value{"x", list(oldRoot)})}, nil, []string{"configmap/shop/c x trust"}},
		"a ConfigMap does not serve":   {[]Holder{configMap("c", Value{"x", list(oldRoot.Leaf("a"))})}, nil, nil},
		"an intermediate from another": {[]Holder{secret("a", chain(oldMid.Leaf("a"))), secret("b", chain(oldMid))}, nil, []string{"secret/shop/a tls.crt certificate needs", "secret/shop/b tls.crt ca"}},
		"cross-signed, and both sent": {
			[]Holder{secret("s", chain(oldMid.Leaf("a"), oldMid, newMid))}, nil, []string{"secret/shop/s tls.crt certificate"},
		},
		"in order of names": {
			[]Holder{secret("b", chain(oldRoot.Leaf("b"))), secret("a", chain(oldRoot.Leaf("a")))}, nil,
			[]string{"secret/shop/a tls.crt certificate needs", "secret/shop/b tls.crt certificate needs"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var pool Pool
			s := NewSurvey(NewQuestion(list(oldRoot), list(newRoot), now))
			for _, h := range tt.holders {
				for i, v := range h.Values {
					h.Values[i].Certs = pool.Parse(pemOf(catest.Any(v.Certs)...))
				}
				s.Add(h)
			}
			var got []string
			uses := s.Report(&pool).Uses
			for _, u := range uses {
				u.Users = tt.users
				line := fmt.Sprintf("%s %s %s", u.Ref, u.Key, u.Role)
				if u.Needs(now) {
					line += " needs"
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSurveyAll: every certificate that a Secret can serve or sign with is
// surveyed, under any key; trusted CAs are not.
func TestSurveyAll(t *testing.T) {
	bundle := func(key string, certs ...any) Value { return Value{key, list(certs...)} }
	istio := secret("cacerts", bundle("ca-cert.pem", oldMid), bundle("cert-chain.pem", oldMid, oldRoot), bundle("root-cert.pem", oldRoot))
	istio.Own = list(oldMid, oldMid)
	for name, tt := range map[string]struct {
		holder Holder
		want   string
	}{
		"two servers in one value":     {secret("s", bundle("certs.pem", newRoot.Leaf("b"), oldRoot.Leaf("a"))), "certs.pem certificate a"},
		"both of the old":              {secret("s", chain(oldRoot.Leaf("b"), oldRoot.Leaf("a"))), "tls.crt certificate b, tls.crt certificate a"},
		"a CA of its own key":          {istio, "ca-cert.pem ca Issuing 1, cert-chain.pem ca Issuing 1, root-cert.pem trust Old Root"},
		"a client that trusts the old": {secret("s", bundle("ca.pem", oldRoot), bundle("client.pem", newRoot.Leaf("a"))), "ca.pem trust Old Root"},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSurvey(NewQuestion(list(oldRoot), list(newRoot), now))
			s.Add(tt.holder)
			var got []string
			uses := s.Report(&Pool{}).Uses
			for _, u := range uses {
				got = append(got, fmt.Sprintf("%s %s %s", u.Key, u.Role, u.Cert.Subject.CommonName))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDoubts: an incomplete chain is a doubt, unless a CA from another source
// completes it.
func TestDoubts(t *testing.T) {
	ended := func(c *x509.Certificate) { c.NotAfter = date(2026, 11, 1) }
	open := []Holder{secret("s", chain(oldMid.Leaf("a")))}
	for name, tt := range map[string]struct {
		holders []Holder
		with    []*x509.Certificate
		known   []*x509.Certificate
		public  []*x509.Certificate
		want    string
	}{
		"the intermediate is missing":             {holders: open, want: "secret/shop/s tls.crt the chain of a ends at CN=Issuing 1, which is unknown"},
		"clients have it":                         {holders: open, with: list(oldMid)},
		"a file has it, of others":                {holders: open, known: list(root("Issuing 1"))},
		"it has expired":                          {holders: []Holder{secret("s", chain(oldMid.Leaf("a", ended)))}},
		"the public root is missing":              {holders: []Holder{secret("s", chain(other.Below("Public 1").Leaf("a"), other.Below("Public 1")))}, want: "secret/shop/s tls.crt the chain of a ends at CN=Other Root, which is unknown"},
		"a public root":                           {holders: []Holder{secret("s", chain(other.Below("Public 1").Leaf("a"), other.Below("Public 1")))}, public: list(other)},
		"the intermediate is in the public roots": {holders: open, public: list(oldMid), want: "secret/shop/s tls.crt the chain of a ends at CN=Issuing 1, which is unknown"},
		"its key is elsewhere":                    {holders: []Holder{keyless("s", chain(oldMid.Leaf("a")))}, want: "secret/shop/s tls.crt the chain of a ends at CN=Issuing 1, which is unknown"},
		"a client's, without its key":             {holders: []Holder{keyless("s", chain(oldMid.Leaf("a", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} })))}},
		"cross-signed, and one way is known":      {holders: []Holder{secret("s", chain(newMid.Leaf("a"), newMid, root("Nobody").Below("Issuing 1")))}, with: list(newRoot)},
		"the old root is in the public roots":     {holders: []Holder{secret("s", chain(oldMid.Leaf("a")))}, public: list(oldRoot), want: "secret/shop/s tls.crt the chain of a ends at CN=Issuing 1, which is unknown"},
		"cannot be read": {
			holders: []Holder{{Ref: Ref{"Secret", "shop", "s"}, Unread: []Unread{{"tls.crt", "unsupported curve"}}}},
			want:    "secret/shop/s tls.crt unsupported curve",
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := NewQuestion(list(oldRoot), tt.with, now)
			if tt.public != nil {
				q.Public = x509.NewCertPool()
				for _, c := range tt.public {
					q.Public.AddCert(c)
				}
			}
			s := NewSurvey(q)
			for _, h := range tt.holders {
				s.Add(h)
			}
			var pool Pool
			pool.Add(tt.known...)
			var got []string
			doubts := s.Report(&pool).Doubts
			for _, d := range doubts {
				got = append(got, fmt.Sprintf("%s %s %s", d.Ref, d.Key, d.Why))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPoolRead: damaged PEM yields the readable certificates and reports the rest.
func TestPoolRead(t *testing.T) {
	leaf := oldRoot.Leaf("a")
	text := string(pemOf(oldRoot, leaf))
	none := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")}))
	odd := oddCurve(t, false)
	oddPEM := func(der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	for name, tt := range map[string]struct {
		value  string
		certs  int
		unread bool
	}{
		"PEM":                  {text, 2, false},
		"text before it":       {"0 s:CN=a\n" + text, 2, false},
		"old labels":           {strings.ReplaceAll(text, " CERTIFICATE", " X509 CERTIFICATE"), 2, false},
		"indented":             {"  " + strings.ReplaceAll(text, "\n", "\n  "), 2, false},
		"glued":                {strings.ReplaceAll(text, "-----\n-----B", "----------B"), 2, false},
		"one does not parse":   {text + none, 2, false},
		"none parses":          {none, 0, false},
		"cut short":            {text[:len(text)-100], 1, false},
		"in OpenSSL's form":    {string(pem.EncodeToMemory(&pem.Block{Type: "TRUSTED CERTIFICATE", Bytes: append(bytes.Clone(leaf.Raw), 0x30, 0x00)})), 1, false},
		"of an odd curve":      {text + oddPEM(odd), 2, true},
		"an odd curve alone":   {oddPEM(odd), 0, true},
		"a CA of an odd curve": {text + oddPEM(oddCurve(t, true)), 2, false},
		"an odd curve in DER":  {string(odd), 0, true},
		"a script":             {"sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p'", 0, false},
		"a placeholder":        {"REPLACE_ME", 0, false},
		"DER":                  {string(leaf.Raw), 1, false},
		"other DER":            {"0\x03\x02\x01\x01", 0, false},
		"something else":       {"hello", 0, false},
		"only a private key":   {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			var pool Pool
			certs, unread := pool.Read([]byte(tt.value))
			if len(certs) != tt.certs || (unread != nil) != tt.unread {
				t.Errorf("%d certificates, unread %q", len(certs), unread)
			}
		})
	}
}

// oddCurve is a certificate with a key on a curve that Go does not have.
func oddCurve(t *testing.T, ca bool) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := caTemplate("Odd")
	template.IsCA = ca
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	p256 := []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}
	return bytes.Replace(der, p256, append(bytes.Clone(p256[:7]), 0x02), 1) // prime192v2
}

// TestPool: a CA is parsed once, and keys and other blocks are skipped.
func TestPool(t *testing.T) {
	var pool Pool
	leaf := oldRoot.Leaf("a")
	text := bytes.Join([][]byte{
		pemOf(oldRoot), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("key")}),
		[]byte("text\n"), pemOf(leaf), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")}),
	}, nil)
	first, second := pool.Parse(text), pool.Parse(text)
	if len(first) != 2 || !first[0].Equal(oldRoot.Certificate) || !first[1].Equal(leaf) {
		t.Fatalf("parsed %d certificates", len(first))
	}
	if first[0] != second[0] || first[1] == second[1] {
		t.Error("a CA is kept, and only a CA")
	}
	if got := pool.cas; len(got) != 1 {
		t.Errorf("the pool has %d", len(got))
	}
}
