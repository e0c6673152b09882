package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
)

// RenewalID returns the identifier under which a CA gives renewal information
// for a certificate (RFC 9773 §4.1): the authority key identifier and the
// content of the serial number's DER, each in base64url, with a dot between. A
// certificate without an authority key identifier has none.
func RenewalID(cert *x509.Certificate) (string, error) {
	if len(cert.AuthorityKeyId) == 0 {
		return "", errors.New("the certificate has no authority key identifier")
	}
	der, err := asn1.Marshal(cert.SerialNumber)
	if err != nil {
		return "", err
	}
	var serial asn1.RawValue
	if _, err := asn1.Unmarshal(der, &serial); err != nil {
		return "", err
	}
	id := base64.RawURLEncoding
	return id.EncodeToString(cert.AuthorityKeyId) + "." + id.EncodeToString(serial.Bytes), nil
}
