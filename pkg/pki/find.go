package pki

import (
	"crypto/x509"
	"encoding/base64"
	"regexp"
	"strings"
)

// Encoding says how a string holds PEM. The zero value is none at all.
type Encoding string

// The encodings that Find sees through. Base64 is the standard alphabet with
// padding, in one line or many.
const (
	PEM         Encoding = "pem"
	Base64      Encoding = "base64"
	Base64Twice Encoding = "base64 twice"
)

// Find returns the certificates in any string of a manifest, in the order of
// the text, and how the string holds them; false if there are none. It takes
// what it can read: blocks that Parse would refuse, private keys among them,
// are passed over. It allocates nothing for ordinary strings.
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

// HasPEM reports whether a string holds a BEGIN line of anything, in any
// Encoding. It allocates nothing for ordinary strings.
func HasPEM(s string) bool {
	_, encoding := unwrap(s)
	return encoding != ""
}

const privateKey = "PRIVATE KEY"

// HasPrivateKey reports whether a string holds the BEGIN line of a private key
// of any kind, in any Encoding. It leans to yes: the key itself may be cut
// short, indented or damaged. It allocates nothing for ordinary strings.
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

// keyBlock is the BEGIN line of a private key with a line of base64 behind it,
// headers and escaped line ends between.
var keyBlock = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(?:\s|\\[nr]|[A-Za-z0-9-]+: [^\n]*\n)*[A-Za-z0-9+/]{16}`)

// PrivateKey returns the label of the first private key in a string, in any
// Encoding, false if there is none. Unlike HasPrivateKey it wants key material
// behind the BEGIN line, so that texts about keys are none.
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

// unwrap returns the PEM text that a string holds, and "" for both if none.
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

// shortest is less than the smallest PEM key takes in base64, and more than
// the names, digests and words that manifests are full of.
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
