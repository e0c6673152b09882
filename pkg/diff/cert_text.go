package diff

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// certText is a string with certificates, split into the certificates and the
// text around them: texts[i] comes before certs[i], and one text is last.
type certText struct {
	certs    []*x509.Certificate
	texts    []string
	encoding pki.Encoding
}

// findCerts finds the certificates of a string, in base64 too.
func findCerts(s string) (certText, bool) {
	encoding := pki.PEM
	if !strings.Contains(s, beginCert) {
		var found bool
		if _, encoding, found = pki.Find(s); !found {
			return certText{}, false
		}
	}
	b := cut(decoded(s))
	b.encoding = encoding
	return b, len(b.certs) > 0
}

// decoded decodes base64 until there is a certificate, at most twice.
func decoded(s string) string {
	for range 2 {
		if strings.Contains(s, beginCert) {
			return s
		}
		raw, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return s
		}
		s = string(raw)
	}
	return s
}

const (
	beginCert = "-----BEGIN CERTIFICATE-----"
	endCert   = "-----END CERTIFICATE-----"
)

// cut extracts the certificates from a text. A block that does not parse stays
// in the text, so that changes in it are shown.
func cut(s string) certText {
	var b certText
	text, at := 0, 0 // where the text since the last certificate begins, and what is unread
	for {
		length := strings.Index(s[at:], endCert)
		if length < 0 {
			b.texts = append(b.texts, s[text:])
			return b
		}
		start, end := strings.LastIndex(s[at:at+length], beginCert), at+length+len(endCert)
		if start >= 0 {
			start += at
			indent := s[strings.LastIndexByte(s[:start], '\n')+1 : start]
			if c := certificate(s[start:end], indent); c != nil {
				b.certs = append(b.certs, c)
				b.texts = append(b.texts, s[text:start])
				text = end
			}
		}
		at = end
	}
}

// certificate reads one PEM block. All of its lines have the same indentation.
func certificate(block, indent string) *x509.Certificate {
	if strings.Trim(indent, " \t") != "" || strings.Count(block, "\n") != strings.Count(block, "\n"+indent) {
		return nil
	}
	found, _, ok := pki.Find(strings.ReplaceAll(block, "\n"+indent, "\n"))
	if !ok || len(found) != 1 {
		return nil
	}
	return found[0]
}

// leaf shows a bundle as a line for each certificate, without comments. Other
// text is shown only around plain PEM that is not in a Secret; otherwise only
// its length is shown.
func (b certText) leaf(secret bool) leaf {
	if b.onlyComments() {
		return leaf{b.lines(), identity{certs, b.encoding, b.join(canonical, false)}}
	}
	is := identity{certs, b.encoding, b.join(canonical, true)}
	if secret || b.encoding != pki.PEM {
		rest := fmt.Sprintf("%s%d bytes of other text)", maskPrefix, len(strings.Join(b.texts, "")))
		return leaf{append(b.lines(), rest), is}
	}
	is.kind = mixed
	inline := func(c *x509.Certificate) string { return "<certificate: " + pki.Summary(c) + ">" }
	return leaf{b.join(inline, true), is}
}

// canonical returns the PEM block of a certificate. Identities use it, because
// no other text can be mistaken for it.
func canonical(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

func (b certText) lines() []any {
	lines := make([]any, len(b.certs), len(b.certs)+1)
	for i, c := range b.certs {
		lines[i] = pki.Summary(c)
	}
	return lines
}

// join concatenates the certificates, optionally with the texts around them.
func (b certText) join(write func(*x509.Certificate) string, texts bool) string {
	var s strings.Builder
	for i, c := range b.certs {
		if texts {
			s.WriteString(b.texts[i])
		}
		s.WriteString(write(c))
	}
	if texts {
		s.WriteString(b.texts[len(b.certs)])
	}
	return s.String()
}

// onlyComments reports whether the text around the certificates is only blank
// lines and # lines, and each certificate begins and ends a line.
func (b certText) onlyComments() bool {
	const here = "\x00"
	text := b.join(func(*x509.Certificate) string { return here }, true)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if line != "" && line != here && line[0] != '#' {
			return false
		}
	}
	return true
}
