package cabundle

import (
	"encoding/asn1"
	"errors"
)

// signedData is as much of RFC 2315 as holds certificates. smallstep/pkcs7
// (v0.2.3) reads the rest of it and BER too, but follows nesting without a
// bound, so that 4 MB of 30 80 end the process with a stack overflow, which
// nothing can recover; and it refuses a whole message for one certificate that
// is malformed, where each has a finding here.
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
		return errors.New("PKCS#7 that is damaged, or in BER; openssl pkcs7 -print_certs may read it")
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
