package trust

import (
	"crypto/x509"
	"errors"
	"fmt"

	"software.sslmate.com/src/go-pkcs12"
)

// errUnmarked is about the files that openssl pkcs12 -export -nokeys makes,
// which neither Java nor the library takes for trust stores.
var errUnmarked = errors.New("PKCS#12 that is no trust store: its certificates are not marked as trusted, so Java sees none either")

// pkcs12 reads the certificates of a trust store, or those beside a key.
func (r *reader) pkcs12(der []byte) error {
	if n := rounds(der, 0); n > maxRounds {
		return fmt.Errorf("PKCS#12 that asks for %d rounds of hashing, which no tool does", n)
	}
	for _, password := range r.passwords {
		certs, hasKey, err := openPKCS12(der, password)
		if errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption) {
			continue
		}
		if err != nil {
			return err
		}
		if hasKey {
			r.found("T111", 0, "a private key; it and its own certificate are left out")
		}
		for i, c := range certs {
			r.in.Entries = append(r.in.Entries, Entry{Cert: c, Place: r.where(0, nth(i))})
		}
		return nil
	}
	return ErrPassword
}

// openPKCS12 lets go of a key, and of the certificate that goes with it.
func openPKCS12(der []byte, password string) (certs []*x509.Certificate, hasKey bool, err error) {
	certs, err = pkcs12.DecodeTrustStore(der, password)
	if err == nil || errors.Is(err, pkcs12.ErrIncorrectPassword) || errors.Is(err, pkcs12.ErrDecryption) {
		return certs, false, err
	}
	_, _, certs, keyErr := pkcs12.DecodeChain(der, password)
	switch {
	case keyErr == nil:
		return certs, true, nil
	case keyErr.Error() == "pkcs12: private key missing":
		return nil, false, errUnmarked
	}
	return nil, false, errors.New("PKCS#12 that cannot be read: " + bare(err).Error())
}
