package cabundle

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
	"unicode/utf16"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"golang.org/x/crypto/cryptobyte"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// The first four bytes of Java's own keystores.
var (
	magicJKS   = []byte{0xfe, 0xed, 0xfe, 0xed}
	magicJCEKS = []byte{0xce, 0xce, 0xce, 0xce}
)

func isJKS(data []byte) bool {
	return bytes.HasPrefix(data, magicJKS) || bytes.HasPrefix(data, magicJCEKS)
}

var (
	errJCEKS  = errors.New("JCEKS is not supported; convert it with keytool -importkeystore -deststoretype PKCS12")
	errCutJKS = errors.New("truncated JKS")
)

// jks reads the trusted certificates of a JKS and the certificates of CAs with
// their keys. It skips the keys.
func (r *reader) jks(data []byte) error {
	if bytes.HasPrefix(data, magicJCEKS) {
		return errJCEKS
	}
	if len(data) < 12+sha1.Size {
		return errCutJKS
	}
	body, digest := data[:len(data)-sha1.Size], data[len(data)-sha1.Size:]
	if !r.opensJKS(body, digest) {
		return ErrPassword
	}
	r.binary("JKS", 0)
	s := cryptobyte.String(body[4:])
	var version, entries uint32
	s.ReadUint32(&version)
	s.ReadUint32(&entries)
	if version != 1 && version != 2 {
		return errors.New("JKS of an unknown version")
	}
	for range entries {
		if !r.jksEntry(&s, version) {
			return errCutJKS
		}
	}
	return nil
}

func (r *reader) opensJKS(body, digest []byte) bool {
	for _, password := range r.passwords {
		if bytes.Equal(digestJKS(body, password), digest) {
			return true
		}
	}
	return false
}

const (
	jksKey  = 1
	jksCert = 2
)

func (r *reader) jksEntry(s *cryptobyte.String, version uint32) bool {
	var tag uint32
	var alias cryptobyte.String
	var created uint64
	if !s.ReadUint32(&tag) || !s.ReadUint16LengthPrefixed(&alias) || !s.ReadUint64(&created) {
		return false
	}
	name := "alias " + printable.Line(string(alias))
	switch tag {
	case jksKey:
		r.in.Findings = append(r.in.Findings, finding.Finding{ID: "T111", Position: r.where(0, name), Reason: "a private key; it and its chain are left out, except the certificate of a CA"})
		return r.jksChain(s, version, name)
	case jksCert:
		der, ok := jksCertificate(s, version)
		if ok {
			r.certificate(der, 0, name)
		}
		return ok
	}
	return false
}

// jksChain skips a key and its chain. It reads the first certificate, which
// belongs to the key, if that is a CA. Java trusts no other of the chain either.
func (r *reader) jksChain(s *cryptobyte.String, version uint32, name string) bool {
	var chain uint32
	if _, ok := readPrefixed(s); !ok || !s.ReadUint32(&chain) {
		return false
	}
	for i := range chain {
		der, ok := jksCertificate(s, version)
		if !ok {
			return false
		}
		if c, err := x509.ParseCertificate(der); i == 0 && (err != nil || KindOf(c) != Leaf) {
			r.certificate(der, 0, name)
		}
	}
	return true
}

func jksCertificate(s *cryptobyte.String, version uint32) ([]byte, bool) {
	var kind cryptobyte.String
	if version == 2 && !s.ReadUint16LengthPrefixed(&kind) {
		return nil, false
	}
	return readPrefixed(s)
}

// readPrefixed reads bytes after a length of four bytes.
func readPrefixed(s *cryptobyte.String) ([]byte, bool) {
	var n uint32
	var b []byte
	if !s.ReadUint32(&n) || uint64(n) > uint64(len(*s)) || !s.ReadBytes(&b, int(n)) {
		return nil, false
	}
	return b, true
}

// EncodeJKS encodes certificates as a trust store of Java, deterministically.
// Every version of Java reads JKS, but not every one reads PKCS#12. The password
// is not a secret.
func EncodeJKS(entries []Entry, password string) []byte {
	store := keystore.New(keystore.WithOrderedAliases())
	for i, e := range entries {
		entry := keystore.TrustedCertificateEntry{
			CreationTime: time.UnixMilli(max(0, e.Cert.NotBefore.UnixMilli())), // independent of the clock
			Certificate:  keystore.Certificate{Type: "X.509", Content: e.Cert.Raw},
		}
		if err := store.SetTrustedCertificateEntry(fmt.Sprintf("ca%d", i+1), entry); err != nil {
			panic("cabundle: JKS: " + err.Error()) // only for an entry without a certificate
		}
	}
	var out bytes.Buffer
	if err := store.Store(&out, []byte(password)); err != nil {
		panic("cabundle: JKS: " + err.Error()) // only for data that exceeds the length field
	}
	return out.Bytes()
}

// digestJKS returns the digest of a store with a password.
func digestJKS(body []byte, password string) []byte {
	h := sha1.New()
	for _, unit := range utf16.Encode([]rune(password)) {
		h.Write([]byte{byte(unit >> 8), byte(unit)})
	}
	h.Write([]byte("Mighty Aphrodite"))
	h.Write(body)
	return h.Sum(nil)
}
