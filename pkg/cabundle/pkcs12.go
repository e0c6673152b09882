package cabundle

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math"
	"math/big"

	"software.sslmate.com/src/go-pkcs12"
)

// errRounds is about key stores that are too much together.
var errRounds = fmt.Errorf("its PKCS#12 stores ask for more than %d rounds of hashing together; split it", maxRounds)

// pkcs12 reads the certificates of a store: all of one for trust, and of one
// with keys the CAs.
func (r *reader) pkcs12(der []byte) error {
	n := rounds(der, 0)
	if n > maxRounds {
		return fmt.Errorf("PKCS#12 that cannot be read (%w)", tooManyRounds(n))
	}
	failed := ErrPassword
	for _, password := range r.passwords {
		if *r.rounds += n; *r.rounds > maxRounds {
			return errRounds
		}
		certs, keys, err := openPKCS12(der, password)
		switch {
		case err == nil:
			r.pkcs12Certificates(certs, keys)
			return nil
		case !wrongPassword(err) && failed == ErrPassword:
			failed = fmt.Errorf("PKCS#12 that cannot be read (%w); openssl pkcs12 -nokeys may read it", bare(err))
		}
	}
	return failed
}

func (r *reader) pkcs12Certificates(certs []*x509.Certificate, keys bool) {
	if keys {
		r.found("T111", 0, withKey)
	}
	for i, c := range certs {
		if !keys || KindOf(c) != Leaf {
			r.in.Entries = append(r.in.Entries, Entry{Cert: c, Place: r.where(0, nth(i))})
		}
	}
}

// withKey is what becomes of a key, and of the chain beside it.
const withKey = "a private key; it is left out, and so are certificates beside it that are no CAs"

func wrongPassword(err error) bool {
	return errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption)
}

// openPKCS12 returns the certificates of a store, and whether it holds keys.
func openPKCS12(der []byte, password string) (certs []*x509.Certificate, keys bool, err error) {
	certs, err = pkcs12.DecodeTrustStore(der, password)
	if err == nil || wrongPassword(err) {
		return certs, false, err
	}
	return openSafes(der, password)
}

// maxRounds is far more than any tool writes, and still takes only seconds.
const maxRounds = 5_000_000

func tooManyRounds(n int64) error {
	return fmt.Errorf("it asks for %d rounds of hashing, which no tool does", n)
}

// maxNesting is deeper than PKCS#12 goes.
const maxNesting = 20

// smallHash is the shortest that a hash is: a key longer than it takes all its
// rounds once more for each.
const smallHash = 20

// rounds returns the highest number of rounds of hashing that PKCS#12 asks for
// anywhere, which is what comes behind a salt, and may have the length of a key
// behind it. The library does as many as it is told to, and there is no
// stopping it.
func rounds(der []byte, depth int) int64 {
	var most, asked int64
	behindSalt := false
	for len(der) > 0 && depth < maxNesting {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return most
		}
		octets := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString
		integer := v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger
		before := asked
		asked = 0
		switch {
		case behindSalt && integer:
			asked = number(v.Bytes)
			most = max(most, asked)
		case before > 0 && integer:
			most = max(most, product(before, 1+number(v.Bytes)/smallHash))
		case v.IsCompound || octets:
			most = max(most, rounds(v.Bytes, depth+1))
		}
		behindSalt, der = octets, rest
	}
	return most
}

func number(b []byte) int64 {
	n := new(big.Int).SetBytes(b)
	if !n.IsInt64() {
		return math.MaxInt64
	}
	return n.Int64()
}

// product is the largest number there is where the true one is larger.
func product(a, b int64) int64 {
	if a > 0 && b > math.MaxInt64/a {
		return math.MaxInt64
	}
	return a * b
}
