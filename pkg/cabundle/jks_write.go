package cabundle

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"time"
	"unicode/utf16"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
)

// EncodeJKS writes certificates as a trust store of Java, the same bytes every
// time. Every Java reads the format, which Java's newer one, PKCS#12, cannot
// say of itself. The password guards nothing.
func EncodeJKS(entries []Entry, password string) []byte {
	store := keystore.New(keystore.WithOrderedAliases())
	for i, e := range entries {
		entry := keystore.TrustedCertificateEntry{
			CreationTime: time.UnixMilli(max(0, e.Cert.NotBefore.UnixMilli())), // when it was added; no clock is asked
			Certificate:  keystore.Certificate{Type: "X.509", Content: e.Cert.Raw},
		}
		if err := store.SetTrustedCertificateEntry(fmt.Sprintf("ca%d", i+1), entry); err != nil {
			panic("cabundle: JKS: " + err.Error()) // only for an entry without a certificate
		}
	}
	var out bytes.Buffer
	if err := store.Store(&out, []byte(password)); err != nil {
		panic("cabundle: JKS: " + err.Error()) // only for what is longer than its length can say
	}
	return out.Bytes()
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
