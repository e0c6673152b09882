package cabundle

import (
	"crypto/sha1"
	"fmt"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
)

// EncodeJKS writes certificates as a trust store of Java, the same bytes every
// time. Every Java reads the format, which Java's newer one, PKCS#12, cannot
// say of itself. The password guards nothing.
func EncodeJKS(entries []Entry, password string) []byte {
	var b cryptobyte.Builder
	b.AddBytes(magicJKS)
	b.AddUint32(2)
	b.AddUint32(uint32(len(entries)))
	text := func(s string) {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
	}
	for i, e := range entries {
		b.AddUint32(jksCert)
		text(fmt.Sprintf("ca%d", i+1))
		b.AddUint64(uint64(max(0, e.Cert.NotBefore.UnixMilli()))) // when it was added; no clock is asked
		text("X.509")
		b.AddUint32(uint32(len(e.Cert.Raw)))
		b.AddBytes(e.Cert.Raw)
	}
	body := b.BytesOrPanic() // nothing in it is longer than its length can say
	return append(body, digestJKS(body, password)...)
}

// digestJKS is what a password does for certificates.
func digestJKS(body []byte, password string) []byte {
	h := sha1.New()
	for _, unit := range utf16.Encode([]rune(password)) {
		h.Write([]byte{byte(unit >> 8), byte(unit)})
	}
	h.Write([]byte("Mighty Aphrodite"))
	h.Write(body)
	return h.Sum(nil)
}
