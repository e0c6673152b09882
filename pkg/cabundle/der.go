package cabundle

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
)

// isDER reports whether data is DER and not text: a SEQUENCE with a length of more
// than one byte, or with the length of the data.
func isDER(data []byte) bool {
	return len(data) > 1 && data[0] == 0x30 && (data[1] >= 0x80 || len(data) == 2+int(data[1]))
}

// The kinds of DER that are easily confused.
type derKind int

const (
	derUnknown derKind = iota
	derCertificate
	derRequest
	derRevocations
	derPKCS7
	derPKCS12
	derKey
)

// kindOfDER determines the kind from the first two fields of a structure.
func kindOfDER(raw asn1.RawValue) derKind {
	first, second := derFields(raw)
	switch {
	case first.Tag == asn1.TagInteger && len(first.Bytes) == 1 && first.Bytes[0] == 3 && second.Tag == asn1.TagSequence:
		return derPKCS12
	case first.Tag == asn1.TagInteger:
		return derKey // PKCS#1, PKCS#8 and SEC 1 all start with a version
	case first.Tag == asn1.TagOID:
		return derPKCS7
	case first.Tag != asn1.TagSequence:
		return derUnknown
	case second.Tag == asn1.TagOctetString:
		return derKey // PKCS#8, encrypted
	}
	if _, err := x509.ParseCertificateRequest(raw.FullBytes); err == nil {
		return derRequest
	}
	if _, err := x509.ParseRevocationList(raw.FullBytes); err == nil {
		return derRevocations
	}
	return derCertificate
}

func derFields(raw asn1.RawValue) (first, second asn1.RawValue) {
	rest, err := asn1.Unmarshal(raw.Bytes, &first)
	if err == nil {
		_, _ = asn1.Unmarshal(rest, &second)
	}
	return first, second
}

// der reads certificates in DER, one after the other, or a container.
func (r *reader) der(data []byte) error {
	if data[1] == indefinite {
		return errBER
	}
	for i := 0; len(data) > 0; i++ {
		var raw asn1.RawValue
		rest, err := asn1.Unmarshal(data, &raw)
		if err != nil {
			return r.notDER(i, err)
		}
		if err := r.derValue(raw, i); err != nil {
			return err
		}
		data = rest
	}
	return nil
}

// indefinite is the length byte of BER that DER does not allow.
const indefinite = 0x80

var errBER = errors.New("BER is not supported; convert it to PEM with openssl pkcs7 -inform DER -print_certs or openssl pkcs12 -nokeys")

// notDER handles invalid DER: a finding after the first certificate, else an
// error.
func (r *reader) notDER(i int, err error) error {
	if i > 0 {
		r.malformed(0, nth(i), err)
		return nil
	}
	return fmt.Errorf("truncated DER: %w", bare(err))
}

func (r *reader) derValue(raw asn1.RawValue, i int) error {
	switch kindOfDER(raw) {
	case derPKCS7:
		r.binary("PKCS#7", 0)
		return r.pkcs7(raw.FullBytes, 0, "")
	case derPKCS12:
		r.binary("PKCS#12", 0)
		return r.pkcs12(raw.FullBytes)
	case derKey:
		r.found("T111", 0, "a private key")
	case derRequest:
		r.found("T113", 0, "a certificate request")
	case derRevocations:
		r.found("T114", 0, "a revocation list")
	case derCertificate:
		if i == 0 {
			r.binary("DER", 0)
		}
		r.certificate(raw.FullBytes, 0, nth(i))
	default:
		return errNothing
	}
	return nil
}

// signedData is the part of RFC 2315 with the certificates.
type signedData struct {
	ContentType asn1.ObjectIdentifier
	Content     struct {
		Version                       int
		DigestAlgorithms, ContentInfo asn1.RawValue
		Certificates                  asn1.RawValue `asn1:"optional,tag:0"`
	} `asn1:"explicit,tag:0"`
}

var oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}

// pkcs7 reads the certificates that a PKCS#7 or CMS message carries.
func (r *reader) pkcs7(der []byte, line int, field string) error {
	var message signedData
	if _, err := asn1.Unmarshal(der, &message); err != nil {
		return errors.New("PKCS#7 that is damaged or in BER; try openssl pkcs7 -print_certs")
	}
	if !message.ContentType.Equal(oidSignedData) || len(message.Content.Certificates.Bytes) == 0 {
		return errors.New("PKCS#7 without certificates")
	}
	rest := message.Content.Certificates.Bytes
	for i := 0; len(rest) > 0; i++ {
		var cert asn1.RawValue
		var err error
		where := join(field, nth(i))
		if rest, err = asn1.Unmarshal(rest, &cert); err != nil {
			r.malformed(line, where, err)
			return nil
		}
		r.certificate(cert.FullBytes, line, where)
	}
	return nil
}

// errRounds is the error for too much hashing in all keystores together.
var errRounds = fmt.Errorf("its PKCS#12 stores need more than %d rounds of hashing together; split it", maxRounds)

// pkcs12 reads the certificates of a store: all of a trust store, and the CAs of a
// store with keys.
func (r *reader) pkcs12(der []byte) error {
	n := rounds(der, 0)
	if n > maxRounds {
		return fmt.Errorf("cannot read PKCS#12: %w", tooManyRounds(n))
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
			failed = fmt.Errorf("cannot read PKCS#12: %w; try openssl pkcs12 -nokeys", bare(err))
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
			r.in.Entries = append(r.in.Entries, Entry{Cert: c, Position: r.where(0, nth(i))})
		}
	}
}

// withKey is the finding about a key and its chain.
const withKey = "a private key; it and the certificates beside it are left out, except CAs"
