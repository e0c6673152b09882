package cabundle

import (
	"crypto/x509"
	"encoding/base64"
	"strings"
)

// pemReader reads text with PEM blocks and counts problems of its form, which are
// reported once for each source.
type pemReader struct {
	*reader
	text string
	odd  map[string]*oddity
	lost bool // the text after the last block belongs to a block with a damaged BEGIN
}

// oddity is the first line with a problem of form, and the number of problems.
type oddity struct{ line, count int }

func (p *pemReader) note(id string, line int) {
	if p.odd[id] == nil {
		p.odd[id] = &oddity{line: line}
	}
	p.odd[id].count++
}

const certificateLabel = "CERTIFICATE"

// block is a PEM block. Without an END it ends at the next BEGIN. An END without
// BEGIN is an empty block.
type block struct {
	begin marker
	end   *marker
	body  string // between the two
	stop  int    // the end of a block without END
	lines int    // of the body
}

func (b block) label() string { return b.begin.label }

// block returns the block of the first of the markers.
func (p *pemReader) block(markers []marker) block {
	b := block{begin: markers[0], stop: len(p.text)}
	if !b.begin.begins {
		b.end = &markers[0]
		return b
	}
	if len(markers) > 1 {
		b.stop = markers[1].at
		if !markers[1].begins {
			b.end = &markers[1]
		}
	}
	b.body = p.text[b.begin.after:b.stop]
	b.lines = strings.Count(b.body, "\n")
	return b
}

// take reads the content of a block.
func (p *pemReader) take(b block) {
	line := b.begin.line
	switch label := strings.ToUpper(b.label()); {
	case !b.begin.begins && p.lost: // its BEGIN was reported
	case !b.begin.begins:
		p.found("T109", line, "an END without BEGIN")
	case strings.Contains(label, "PRIVATE KEY"):
		p.found("T111", line, "a private key")
	case label == "":
		p.found("T109", line, "the BEGIN line does not end in five dashes")
	case b.end == nil:
		p.found("T109", line, "the block has no END")
	case !strings.EqualFold(b.end.label, label):
		p.found("T109", line, "END does not match BEGIN")
	case label == certificateLabel || label == "X509 CERTIFICATE":
		p.takeCertificate(b)
	case label == "PKCS7" || label == "CMS" || label == "PKCS #7 SIGNED DATA":
		p.takePKCS7(b)
	default:
		p.refuse(label, b)
	}
}

// refuse reports a block of another kind. It shows only known labels, because an
// unknown label may be part of a key.
func (p *pemReader) refuse(label string, b block) {
	switch line := b.begin.line; label {
	case "TRUSTED CERTIFICATE":
		p.found("T112", line, "a TRUSTED CERTIFICATE of OpenSSL")
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		p.found("T113", line, "a certificate request")
	case "PUBLIC KEY", "RSA PUBLIC KEY", "X509 CRL", "DH PARAMETERS", "EC PARAMETERS", "ATTRIBUTE CERTIFICATE", "PGP PUBLIC KEY BLOCK":
		p.found("T114", line, "a block labeled %s", label)
	default:
		if !p.misnamed(b) {
			p.found("T114", line, "a block of another kind")
		}
	}
}

// misnamed reads a certificate in a block with another label, and returns whether
// there is one.
func (p *pemReader) misnamed(b block) bool {
	body, _ := withoutHeaders(lineBreaks.Replace(b.body))
	der, err := base64.StdEncoding.DecodeString(withoutBlanks(body))
	if err == nil {
		_, err = x509.ParseCertificate(der)
	}
	if err != nil {
		return false
	}
	p.takeCertificate(b)
	return true
}

func (p *pemReader) takeCertificate(b block) {
	if b.label() != certificateLabel || b.end.label != certificateLabel {
		p.note("T115", b.begin.line)
	}
	if der, ok := p.decode(b); ok {
		p.certificate(der, b.begin.line, "")
	}
}

func (p *pemReader) takePKCS7(b block) {
	der, ok := p.decode(b)
	if !ok {
		return
	}
	p.binary("PKCS#7", b.begin.line)
	if err := p.pkcs7(der, b.begin.line, ""); err != nil {
		p.found("T016", b.begin.line, "%v", err)
	}
}

// lineBreaks restores line breaks that JSON or a shell escaped.
var lineBreaks = strings.NewReplacer(`\r`, "", `\n`, "\n")

// decode returns the bytes of a block and reports problems of its form.
func (p *pemReader) decode(b block) ([]byte, bool) {
	p.form(b)
	body, headers := withoutHeaders(lineBreaks.Replace(b.body))
	if headers {
		p.note("T106", b.begin.line)
	}
	der, err := base64.StdEncoding.DecodeString(withoutBlanks(body))
	if err != nil || len(der) == 0 {
		p.found("T110", b.begin.line, "the base64 inside is damaged")
		return nil, false
	}
	return der, true
}

// form reports lost line breaks and extra spaces.
func (p *pemReader) form(b block) {
	firstLine, _, broken := strings.Cut(b.body, "\n")
	beforeEnd := p.text[b.end.lineStart:b.end.at]
	if !broken || strings.TrimSpace(firstLine) != "" || b.end.lineStart <= b.begin.at || strings.TrimSpace(beforeEnd) != "" {
		p.note("T118", b.begin.line)
		return
	}
	if !p.value && (strings.Contains(b.body, " ") || strings.Contains(b.body, "\t") || strings.Contains(b.body, "\n\n")) {
		p.note("T119", b.begin.line)
	}
}

// withoutHeaders removes the headers of RFC 1421 before the base64.
func withoutHeaders(body string) (string, bool) {
	rest, found := body, false
	for {
		line, after, more := strings.Cut(rest, "\n")
		switch {
		case strings.Contains(line, ":"):
			found = true
		case strings.TrimSpace(line) != "":
			return rest, found
		}
		if !more {
			return "", found
		}
		rest = after
	}
}

func withoutBlanks(s string) string {
	if strings.ContainsAny(s, " \t") {
		return blanks.Replace(s)
	}
	return s
}
