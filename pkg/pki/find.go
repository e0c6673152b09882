package pki

import (
	"crypto/x509"
	"encoding/base64"
	"regexp"
	"strings"
)

// Encoding is the encoding of PEM in a string. "" means that there is no PEM.
type Encoding string

// The encodings that Find decodes. Base64 is the standard alphabet with padding,
// on one or more lines.
const (
	PEM         Encoding = "pem"
	Base64      Encoding = "base64"
	Base64Twice Encoding = "base64 twice"
)

// Find returns the certificates in any string of a manifest, in order, and their
// encoding; false if there are none. It skips blocks that Parse rejects, including
// private keys. It allocates nothing for ordinary strings.
func Find(s string) ([]*x509.Certificate, Encoding, bool) {
	text, encoding := unwrap(s)
	if encoding == "" {
		return nil, "", false
	}
	var certs []*x509.Certificate
	for b := range blocks(text) {
		if cert, err := b.certificate(); err == nil {
			certs = append(certs, cert)
		}
	}
	if len(certs) == 0 {
		return nil, "", false
	}
	return certs, encoding, true
}

// HasPEM reports whether a string has a BEGIN line, in any Encoding. It allocates
// nothing for ordinary strings.
func HasPEM(s string) bool {
	_, encoding := unwrap(s)
	return encoding != ""
}

const privateKey = "PRIVATE KEY"

// HasPrivateKey reports whether a string has the BEGIN line of a private key of
// any kind, in any Encoding. The key itself may be truncated, indented or damaged.
// It allocates nothing for ordinary strings.
func HasPrivateKey(s string) bool {
	text, _ := unwrap(s)
	_, rest, more := strings.Cut(text, begin)
	for more {
		if strings.Contains(label(rest), privateKey) {
			return true
		}
		_, rest, more = strings.Cut(rest, begin)
	}
	return false
}

// keyBlock matches the BEGIN line of a private key followed by base64, with
// headers and escaped newlines between them.
var keyBlock = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(?:\s|\\[nr]|[A-Za-z0-9-]+: [^\n]*\n)*[A-Za-z0-9+/]{16}`)

// PrivateKey returns the label of the first private key in a string, in any
// Encoding; false if there is none. Unlike HasPrivateKey it requires key material
// after the BEGIN line, so that text about keys does not match.
func PrivateKey(s string) (label string, found bool) {
	text, _ := unwrap(s)
	if !strings.Contains(text, privateKey) {
		return "", false
	}
	match := keyBlock.FindStringSubmatch(text)
	if match == nil {
		return "", false
	}
	return match[1], true
}

// unwrap returns the PEM in a string and its encoding, or "" for both.
func unwrap(s string) (string, Encoding) {
	for _, encoding := range [...]Encoding{PEM, Base64, Base64Twice} {
		if encoding != PEM {
			if !maybeBase64(s) {
				return "", ""
			}
			decoded, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return "", ""
			}
			s = string(decoded)
		}
		if strings.Contains(s, begin) {
			return s, encoding
		}
	}
	return "", ""
}

// shortest is shorter than the smallest PEM key in base64, and longer than most
// names and digests in manifests.
const shortest = 100

func maybeBase64(s string) bool {
	if len(s) < shortest {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '+', c == '/', c == '=', c == '\n', c == '\r':
		default:
			return false
		}
	}
	return true
}
