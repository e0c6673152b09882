package cabundle

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// sample is one source of the corpus, in a file testdata/trust/NAME.
type sample struct {
	name      string
	data      string
	passwords []string
}

var (
	rootA, rootB = root("Corp Root A"), root("Corp Root B")
	a, b         = pemOf(rootA), pemOf(rootB)
)

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

// each changes every line of a text.
func each(s string, change func(string) string) string {
	all := lines(s)
	for i := range all {
		all[i] = change(all[i])
	}
	return strings.Join(all, "\n") + "\n"
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func prefixed(prefix, s string) string { return each(s, func(l string) string { return prefix + l }) }

func inUTF16(s string, order binary.AppendByteOrder) string {
	raw := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(s)) {
		raw = order.AppendUint16(raw, unit)
	}
	return string(raw)
}

func replaced(s, old, new string) string {
	if !strings.Contains(s, old) {
		panic("nothing to replace: " + old)
	}
	return strings.Replace(s, old, new, 1)
}

func pemSamples() []sample {
	cut := strings.Join(lines(a)[:4], "\n") + "\n"
	return []sample{
		{name: "one.pem", data: a},
		{name: "two.pem", data: a + b},
		{name: "two-blank-line.pem", data: a + "\n" + b},
		{name: "crlf.pem", data: crlf(a + b)},
		{name: "crlf-blank-line.pem", data: crlf(a + "\n" + b)},
		{name: "crlf-in-second.pem", data: a + crlf(b)},
		{name: "cr.pem", data: strings.ReplaceAll(a+b, "\n", "\r")},
		{name: "no-last-newline.pem", data: a + strings.TrimSuffix(b, "\n")},
		{name: "glued.pem", data: strings.TrimSuffix(a, "\n") + b},
		{name: "glued-with-blank.pem", data: strings.TrimSuffix(a, "\n") + " " + b},
		{name: "glued-sharing-dashes.pem", data: strings.TrimSuffix(a, "-----\n") + b},
		{name: "blank-lines.pem", data: a + "\n\n\n" + b},
		{name: "blank-lines-first.pem", data: "\n\n" + a},
		{name: "blank-lines-last.pem", data: a + "\n\n\n"},
		{name: "blanks-between.pem", data: a + " \n" + b},
		{name: "text-around.pem", data: "Certificate:\n    Data:\n        Version: 3 (0x3)\n" + a + "\nsent by mail\n" + b + "regards\n"},
		{name: "bag-attributes.pem", data: "Bag Attributes\n    friendlyName: corp\nsubject=CN = Corp Root A\n" + a},
		{name: "comments.pem", data: "# corp roots\n\n" + a + "# the next\n" + b},
		{name: "commented-out.pem", data: prefixed("# ", a) + b},
		{name: "headers.pem", data: replaced(a, "-----\n", "-----\nX-Origin: corp\n\n") + b},
		{name: "headers-no-blank-line.pem", data: replaced(a, "-----\n", "-----\nX-Origin: corp\n")},
		{name: "base64.txt", data: b64(a + b)},
		{name: "base64-lines.txt", data: wrapped(b64(a))},
		{name: "base64-twice.txt", data: wrapped(b64(wrapped(b64(a))))},
		{name: "base64-five-times.txt", data: b64(b64(b64(b64(b64(a)))))},
		{name: "base64-der.txt", data: b64(string(rootA.Raw))},
		{name: "base64-der-lines.txt", data: wrapped(b64(string(rootA.Raw)))},
		{name: "base64-cut.txt", data: b64(a)[:200]},
		{name: "cut-end.pem", data: cut},
		{name: "cut-first.pem", data: cut + b},
		{name: "cut-base64.pem", data: replaced(a, "\n-----END", "=\n-----END")},
		{name: "cut-der.pem", data: blockOf(certificateLabel, rootA.Raw[:100]) + b},
		{name: "cut-begin-line.pem", data: a + "-----BEGIN CERT"},
		{name: "begin-four-dashes.pem", data: strings.TrimPrefix(a, "-") + b},
		{name: "begin-long-dashes.pem", data: strings.ReplaceAll(a, "-----", "–––––")},
		{name: "end-four-dashes.pem", data: replaced(a, "-----END", "----END")},
		{name: "end-of-another.pem", data: replaced(a, "END CERTIFICATE", "END CERTIFICATE REQUEST")},
		{name: "end-without-begin.pem", data: a + "-----END CERTIFICATE-----\n"},
		{name: "no-base64.pem", data: replaced(a, "MI", "*I") + b},
		{name: "quoted-mail.pem", data: prefixed("> ", a)},
		{name: "empty-block.pem", data: blockOf(certificateLabel, nil) + a},
		{name: "trusted.pem", data: blockOf("TRUSTED CERTIFICATE", append(rootA.Raw, 0x30, 0)) + b},
		{name: "x509.pem", data: strings.ReplaceAll(a, "CERTIFICATE", "X509 CERTIFICATE") + b},
		{name: "small-letters.pem", data: strings.ReplaceAll(a, "CERTIFICATE", "certificate") + b},
		{name: "small-letters-end.pem", data: replaced(a, "END CERTIFICATE", "END certificate") + b},
		{name: "small-letters-damaged.pem", data: replaced(strings.ReplaceAll(a, "CERTIFICATE", "certificate"), "MI", "*I") + b},
		{name: "small-letters-all.pem", data: strings.NewReplacer("BEGIN CERTIFICATE", "begin certificate", "END CERTIFICATE", "end certificate").Replace(a) + b},
		{name: "small-letters-key.pem", data: strings.ReplaceAll(keyBlock("PRIVATE KEY"), "PRIVATE KEY", "private key") + a},
		{name: "small-letters-request.pem", data: strings.ReplaceAll(blockOf("CERTIFICATE REQUEST", request()), "REQUEST", "request") + a},
		{name: "other-label.pem", data: strings.ReplaceAll(a, "CERTIFICATE", "CA ROOT") + b},
		{name: "request.pem", data: blockOf("CERTIFICATE REQUEST", request()) + blockOf("NEW CERTIFICATE REQUEST", request()) + a},
		{name: "key-and-root.pem", data: keyBlock("PRIVATE KEY") + a},
		{name: "keys.pem", data: keyBlock("RSA PRIVATE KEY") + keyBlock("EC PRIVATE KEY") + keyBlock("ENCRYPTED PRIVATE KEY") + keyBlock("OPENSSH PRIVATE KEY")},
		{name: "key-cut.pem", data: a + strings.Join(lines(keyBlock("PRIVATE KEY"))[:2], "\n")},
		{name: "key-damaged.pem", data: a + strings.TrimPrefix(keyBlock("PRIVATE KEY"), "-")},
		{name: "key-as-certificate.pem", data: keyBlock(certificateLabel)},
		{name: "key-in-label.pem", data: "-----BEGIN " + b64(secretBytes)[:40] + "-----\n" + a},
		{name: "public-key.pem", data: keyBlock("PUBLIC KEY") + a},
		{name: "revocations.pem", data: blockOf("X509 CRL", revocations()) + a},
		{name: "other-block.pem", data: keyBlock("SOMETHING ELSE") + a},
		{name: "byte-order-mark.pem", data: "\ufeff" + a + b},
		{name: "utf16-le.pem", data: inUTF16(crlf(a+b), binary.LittleEndian)},
		{name: "utf16-be.pem", data: inUTF16(a, binary.BigEndian)},
		{name: "indented.pem", data: prefixed("    ", a+b)},
		{name: "indented-first-line.pem", data: "ca: " + a},
		{name: "blanks-at-ends.pem", data: each(a, func(l string) string { return l + "  " })},
		{name: "one-line.pem", data: strings.ReplaceAll(a+b, "\n", " ")},
		{name: "escaped.pem", data: strings.ReplaceAll(a+b, "\n", `\n`)},
		{name: "escaped-in-quotes.json", data: `{"ca":"` + strings.ReplaceAll(a, "\n", `\r\n`) + `"}`},
		{name: "end-on-last-line.pem", data: replaced(a, "\n-----END", "-----END")},
		{name: "long-lines.pem", data: blockOneLine(rootA.Raw) + b},
	}
}

func blockOneLine(raw []byte) string {
	return begin + certificateLabel + dashes + "\n" + b64(string(raw)) + "\n" + end + certificateLabel + dashes + "\n"
}
