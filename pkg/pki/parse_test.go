package pki

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	a, b := certPEM(root(t, "a")), certPEM(root(t, "b"))
	key := keyPEM(t)
	headers := strings.Replace(a, "-----\n", "-----\nProc-Type: 4,ENCRYPTED\n\n", 1)
	const none = "no PEM certificate: no BEGIN CERTIFICATE line"
	for name, tt := range map[string]struct {
		text string
		want []string
		err  string
	}{
		"one":              {text: a, want: []string{"a"}},
		"two in order":     {text: b + a, want: []string{"b", "a"}},
		"twice the same":   {text: a + a, want: []string{"a", "a"}},
		"no last newline":  {text: strings.TrimSpace(a), want: []string{"a"}},
		"CRLF":             {text: strings.ReplaceAll(a+b, "\n", "\r\n"), want: []string{"a", "b"}},
		"text around":      {text: "Certificate:\n    Data:\n" + a + "\n# next: b\n" + b + "bye", want: []string{"a", "b"}},
		"empty":            {err: none},
		"text only":        {text: "hello\n", err: none},
		"DER":              {text: string(root(t, "a").Raw), err: none},
		"private key":      {text: a + key, err: "line 9: block 2 is a private key"},
		"key type in text": {text: pemBlock("RSA PRIVATE KEY", []byte("x")), err: "line 1: block 1 is a private key"},
		"key as a certificate": {
			text: strings.ReplaceAll(key, "PRIVATE KEY", "CERTIFICATE"),
			err:  "line 1: block 1 is not a certificate: x509: malformed tbs certificate",
		},
		"key in the label": {
			text: "-----BEGIN " + strings.Split(key, "\n")[1] + "-----\n",
			err:  "line 1: block 1 is not a certificate",
		},
		"key on one line": {text: strings.ReplaceAll(key, "\n", " "), err: "line 1: block 1 is a private key"},
		"request": {
			text: "\n\n" + pemBlock("CERTIFICATE REQUEST", []byte("x")),
			err:  "line 3: block 1 is not a certificate",
		},
		"no end":        {text: strings.SplitAfter(a, "\n")[0] + b, err: "line 1: block 1 is not valid PEM"},
		"other end":     {text: strings.Replace(a, "END CERT", "END PERT", 1), err: "line 1: block 1 is not valid PEM"},
		"cut label":     {text: a + "-----BEGIN CERT", err: "line 9: block 2 is not a certificate"},
		"not base64":    {text: strings.Replace(a, "MI", "*I", 1), err: "line 1: block 1 is not valid PEM"},
		"indented":      {text: a + "  " + b, err: "line 9: block 2 does not start at the start of a line"},
		"mark in front": {text: "\ufeff" + a, err: "line 1: block 1 does not start at the start of a line"},
		"glued": {
			text: strings.TrimSpace(a) + b,
			err:  "line 8: block 2 does not start at the start of a line",
		},
		"all problems at once": {
			text: key + a + "  " + b,
			err:  "line 1: block 1 is a private key\nline 12: block 3 does not start at the start of a line",
		},
		"headers": {text: headers, err: "line 1: block 1 has PEM headers, and trust stores skip such blocks"},
		"trailing data": {
			text: pemBlock("CERTIFICATE", append(root(t, "a").Raw, 0)),
			err:  "line 1: block 1 is not a certificate: x509: trailing data",
		},
	} {
		t.Run(name, func(t *testing.T) {
			certs, err := Parse([]byte(tt.text))
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(tt.err, text); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, names(certs)); diff != "" {
				t.Errorf("certificates (-want +got):\n%s", diff)
			}
			mustNotLeak(t, text)
		})
	}
}

func FuzzParse(f *testing.F) {
	cert, key := certPEM(root(f, "a")), keyPEM(f)
	for _, seed := range []string{
		"", cert, cert + key, strings.TrimSpace(cert) + cert, cert[:100], cert[30:],
		strings.ReplaceAll(key, "PRIVATE KEY", "CERTIFICATE"), begin + begin,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		certs, err := Parse(text)
		if (len(certs) > 0) == (err != nil) {
			t.Fatalf("%d certificates and error %v", len(certs), err)
		}
		if err != nil {
			mustNotLeak(t, err.Error())
			return
		}
		for _, c := range certs {
			if line := Summary(c); strings.ContainsAny(line, "\n\r\x1b") {
				t.Fatalf("more than a line: %q", line)
			}
		}
		found, _, _ := Find(string(text))
		if diff := cmp.Diff(names(certs), names(found)); diff != "" {
			t.Fatalf("Parse and Find differ (-parse +find):\n%s", diff)
		}
	})
}
