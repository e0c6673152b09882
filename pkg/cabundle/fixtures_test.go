package cabundle

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"io"
	"math/big"
	"strings"
	"sync"
	"time"
)

// now is the time of all tests.
var now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func day(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

// stream is a deterministic source of bytes.
type stream struct {
	seed  string
	count uint64
	rest  []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest) < len(p) {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.seed), s.count))
		s.rest = append(s.rest, sum[:]...)
		s.count++
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func edKey(seed string) crypto.Signer {
	sum := sha256.Sum256([]byte(seed))
	return ed25519.NewKeyFromSeed(sum[:])
}

// ecKey signs deterministically, as ECDSA does without a random source.
func ecKey(curve elliptic.Curve, seed string) crypto.Signer {
	size := (curve.Params().BitSize + 7) / 8
	d := make([]byte, size)
	_, _ = (&stream{seed: seed}).Read(d[1:])
	return steady{must(ecdsa.ParseRawPrivateKey(curve, d))}
}

type steady struct{ crypto.Signer }

func (s steady) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return s.Signer.Sign(nil, digest, opts)
}

var rsaKeys sync.Map

// rsaKey searches primes from a seed, because GenerateKey is not deterministic.
func rsaKey(bits int) *rsa.PrivateKey {
	if key, known := rsaKeys.Load(bits); known {
		return key.(*rsa.PrivateKey)
	}
	p, q := prime(bits/2, "p"), prime(bits/2, "q")
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537},
		D:         new(big.Int).ModInverse(big.NewInt(65537), phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	rsaKeys.Store(bits, key)
	return key
}

func prime(bits int, seed string) *big.Int {
	raw := make([]byte, bits/8)
	_, _ = (&stream{seed: seed}).Read(raw)
	raw[0] |= 0xc0
	raw[len(raw)-1] |= 1
	n, two := new(big.Int).SetBytes(raw), big.NewInt(2)
	for !n.ProbablyPrime(20) || new(big.Int).Mod(n, big.NewInt(65537)).Sign() == 0 {
		n.Add(n, two)
	}
	return n
}

// signed fills in what a template leaves out and signs it; without an issuer
// with its own key.
func signed(template *x509.Certificate, key crypto.Signer, issuer *x509.Certificate, by crypto.Signer) *x509.Certificate {
	if template.SerialNumber == nil {
		template.SerialNumber = big.NewInt(1)
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = day(2026, 1, 1)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = day(2036, 1, 1)
	}
	if issuer == nil {
		issuer, by = template, key
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), by))))
}

func caTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

// root returns a good root, changed as a case needs it.
func root(name string, change ...func(*x509.Certificate)) *x509.Certificate {
	template := caTemplate(name)
	for _, c := range change {
		c(template)
	}
	return signed(template, edKey(name), nil, nil)
}

// issued returns a certificate that the root "Corp Root" signed.
func issued(template *x509.Certificate) *x509.Certificate {
	return signed(template, edKey("issued"), root("Corp Root"), edKey("Corp Root"))
}

func pemOf(certs ...*x509.Certificate) string {
	var b strings.Builder
	for _, c := range certs {
		b.WriteString(blockOf(certificateLabel, c.Raw))
	}
	return b.String()
}

func blockOf(label string, raw []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: raw}))
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// wrapped breaks a text into lines of 76, as base64(1) does.
func wrapped(s string) string {
	var lines strings.Builder
	for len(s) > 76 {
		lines.WriteString(s[:76] + "\n")
		s = s[76:]
	}
	return lines.String() + s + "\n"
}

// secretBytes are the bytes of a key; no output may contain any of them.
const secretBytes = "THESE ARE THE BYTES OF A KEY THAT NOBODY MAY SEE, BE IT ONLY IN A TEST"

func keyBlock(label string) string { return blockOf(label, []byte(secretBytes)) }
