package pki

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	a, b, key := certPEM(root(t, "a")), certPEM(root(t, "b")), keyPEM(t)
	for name, tt := range map[string]struct {
		text     string
		want     []string
		encoding Encoding
		key      bool
	}{
		"empty":              {},
		"word":               {text: "certificate"},
		"image":              {text: "registry.example.com/team/app:v1.2.3@sha256:" + strings.Repeat("ab", 32)},
		"long prose":         {text: strings.Repeat("no certificates here, ", 20)},
		"long base64":        {text: b64(strings.Repeat("no certificates here, ", 20))},
		"not quite base64":   {text: strings.Repeat("a", 101)},
		"pem":                {text: a, want: []string{"a"}, encoding: PEM},
		"pem in text":        {text: "# roots\n" + a + b, want: []string{"a", "b"}, encoding: PEM},
		"base64":             {text: b64(a + b), want: []string{"a", "b"}, encoding: Base64},
		"base64 wrapped":     {text: wrapped(b64(a)), want: []string{"a"}, encoding: Base64},
		"base64 with CRLF":   {text: strings.ReplaceAll(wrapped(b64(a)), "\n", "\r\n"), want: []string{"a"}, encoding: Base64},
		"base64 of text":     {text: b64("x\n" + a), want: []string{"a"}, encoding: Base64},
		"base64 twice":       {text: b64(b64(a)), want: []string{"a"}, encoding: Base64Twice},
		"both wrapped":       {text: wrapped(b64(wrapped(b64(a)))), want: []string{"a"}, encoding: Base64Twice},
		"base64 three times": {text: b64(b64(b64(a)))},
		"base64 cut short":   {text: b64(a)[:101]},
		"one of two damaged": {text: strings.Replace(a, "MI", "*I", 1) + b, want: []string{"b"}, encoding: PEM},
		"key first":          {text: key + a, want: []string{"a"}, encoding: PEM, key: true},
		"key last":           {text: b64(a + key), want: []string{"a"}, encoding: Base64, key: true},
		"key alone":          {text: key, key: true},
		"key base64":         {text: b64(key), key: true},
		"key base64 twice":   {text: b64(wrapped(b64(key))), key: true},
		"key indented":       {text: "  " + key, key: true},
		"RSA":                {text: pemBlock("RSA PRIVATE KEY", nil), key: true},
		"EC":                 {text: pemBlock("EC PRIVATE KEY", nil), key: true},
		"DSA":                {text: pemBlock("DSA PRIVATE KEY", nil), key: true},
		"OPENSSH":            {text: pemBlock("OPENSSH PRIVATE KEY", nil), key: true},
		"ENCRYPTED":          {text: pemBlock("ENCRYPTED PRIVATE KEY", nil), key: true},
		"public key":         {text: pemBlock("PUBLIC KEY", []byte("PRIVATE KEY"))},
		"words of a key":     {text: "-----BEGIN\nPRIVATE KEY"},
		"damaged pem":        {text: strings.Replace(a, "MI", "*I", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			certs, encoding, found := Find(tt.text)
			if diff := cmp.Diff(tt.want, names(certs)); diff != "" {
				t.Errorf("certificates (-want +got):\n%s", diff)
			}
			if encoding != tt.encoding || found != (tt.want != nil) {
				t.Errorf("encoding %q, found %v, want %q, %v", encoding, found, tt.encoding, tt.want != nil)
			}
			if got := HasPrivateKey(tt.text); got != tt.key {
				t.Errorf("HasPrivateKey is %v, want %v", got, tt.key)
			}
		})
	}
}

func FuzzFind(f *testing.F) {
	cert, key := certPEM(root(f, "a")), keyPEM(f)
	for _, seed := range []string{"", "x", cert, cert + key, b64(cert), wrapped(b64(b64(key + cert))), begin + begin} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		certs, encoding, found := Find(s)
		if found != (len(certs) > 0) || found != (encoding != "") {
			t.Fatalf("found %v, %d certificates, encoding %q", found, len(certs), encoding)
		}
		HasPrivateKey(s)
		if !found || encoding == Base64Twice {
			return
		}
		again, _, _ := Find(wrapped(b64(s)))
		if diff := cmp.Diff(names(certs), names(again)); diff != "" {
			t.Fatalf("after base64 (-want +got):\n%s", diff)
		}
	})
}

// ordinary is what nearly all strings of manifests are like.
var ordinary = []string{
	"", "apps/v1", "Deployment", "kube-system", "128Mi",
	"registry.example.com/team/app:v1.2.3@sha256:" + strings.Repeat("ab", 32),
	strings.Repeat("0123456789abcdef", 4),
	strings.Repeat("All settings of the service, one a line.\n", 50),
}

func TestFindNoAllocations(t *testing.T) {
	for _, s := range ordinary {
		n := testing.AllocsPerRun(100, func() {
			Find(s)
			HasPrivateKey(s)
		})
		if n != 0 {
			t.Errorf("%.20q: %v allocations, want 0", s, n)
		}
	}
}

func BenchmarkFindNo(b *testing.B) {
	b.ReportAllocs()
	short := slices.Clone(ordinary[:len(ordinary)-1])
	for i := 0; b.Loop(); i++ {
		Find(short[i%len(short)])
	}
}

func BenchmarkFindNoLongText(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Find(ordinary[len(ordinary)-1])
	}
}

// TestPrivateKey: keys are found in any form, but not text about keys.
func TestPrivateKey(t *testing.T) {
	body := strings.Repeat("A", 64)
	pem := "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n"
	for text, want := range map[string]string{
		pem: "PRIVATE KEY",
		base64.StdEncoding.EncodeToString([]byte(pem)):                                    "PRIVATE KEY",
		strings.ReplaceAll(pem, "\n", "\r\n"):                                             "PRIVATE KEY",
		strings.ReplaceAll(pem, "\n", `\n`):                                               "PRIVATE KEY",
		strings.ReplaceAll(pem, "PRIVATE", "ENCRYPTED PRIVATE"):                           "ENCRYPTED PRIVATE KEY",
		"text\n  -----BEGIN EC PRIVATE KEY-----\n  " + body:                               "EC PRIVATE KEY",
		"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\n" + body: "RSA PRIVATE KEY",
		"-----BEGIN RSA PRIVATE KEY-----\n${KEY}\n-----END RSA PRIVATE KEY-----\n" + pem:  "PRIVATE KEY",
		"grep '-----BEGIN RSA PRIVATE KEY-----' file":                                     "",
		"-----BEGIN RSA PRIVATE KEY-----\n{{ .key }}\n-----END RSA PRIVATE KEY-----":      "",
		strings.ReplaceAll(pem, "PRIVATE KEY", "CERTIFICATE"):                             "",
		"": "",
	} {
		if got, found := PrivateKey(text); got != want || found != (want != "") {
			t.Errorf("PrivateKey(%q) = %q, %v, want %q", text, got, found, want)
		}
	}
}
