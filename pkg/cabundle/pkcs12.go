package cabundle

import (
	"crypto/x509"
	"errors"
	"fmt"

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
