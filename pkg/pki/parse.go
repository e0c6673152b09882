package pki

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"iter"
	"strings"
)

const begin = "-----BEGIN "

// Parse returns all certificates in PEM, in order. It skips text around blocks and
// accepts CRLF. If there is no certificate, or a block is not a well-formed
// certificate without PEM headers, it returns an error with all such blocks, one
// per line:
//
//	line 12: block 2 is a private key
//
// Both numbers are counted from 1. Errors never contain bytes of a private key.
func Parse(text []byte) ([]*x509.Certificate, error) {
	var certs []*x509.Certificate
	var problems []error
	for b := range blocks(string(text)) {
		cert, err := b.certificate()
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: block %d %w", b.line, b.number, err))
			continue
		}
		certs = append(certs, cert)
	}
	switch {
	case len(problems) > 0:
		return nil, errors.Join(problems...)
	case len(certs) == 0:
		return nil, errors.New("no PEM certificate: no BEGIN CERTIFICATE line")
	}
	return certs, nil
}

// block is a PEM block with the text after it, up to the next BEGIN.
type block struct {
	number, line int    // counted from 1
	label        string // CERTIFICATE, RSA PRIVATE KEY; "" if truncated
	text         string // from BEGIN on
	startsLine   bool
}

func blocks(text string) iter.Seq[block] {
	return func(yield func(block) bool) {
		before, rest, more := strings.Cut("\n"+text, begin)
		line := 0
		for number := 1; more; number++ {
			line += strings.Count(before, "\n")
			b := block{number: number, line: line, startsLine: strings.HasSuffix(before, "\n")}
			before, rest, more = strings.Cut(rest, begin)
			b.label, b.text = label(before), begin+before
			if !yield(b) {
				return
			}
		}
	}
}

// label returns the label of a BEGIN line from the text after "-----BEGIN ".
func label(s string) string {
	label, _, ends := strings.Cut(s, "-----")
	if !ends {
		return ""
	}
	return label
}

// certificate returns the certificate of a block. Its errors follow "block 2 " and
// never quote the block, which may be a key.
func (b block) certificate() (*x509.Certificate, error) {
	switch {
	case strings.Contains(b.label, privateKey):
		return nil, errors.New("is a private key")
	case b.label != "CERTIFICATE":
		return nil, errors.New("is not a certificate")
	case !b.startsLine:
		return nil, errors.New("does not start at the start of a line")
	}
	p, _ := pem.Decode([]byte(b.text))
	switch {
	case p == nil:
		return nil, errors.New("is not valid PEM")
	case len(p.Headers) > 0:
		return nil, errors.New("has PEM headers, and trust stores skip such blocks")
	}
	cert, err := x509.ParseCertificate(p.Bytes)
	if err != nil {
		return nil, fmt.Errorf("is not a certificate: %w", err)
	}
	return cert, nil
}
