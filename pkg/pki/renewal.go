package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
)

// RenewalID returns the identifier of a certificate in ACME Renewal Information
// (RFC 9773 §4.1): the authority key identifier and the serial number in DER.
func RenewalID(cert *x509.Certificate) (string, error) {
	if cert == nil || cert.SerialNumber == nil {
		return "", errors.New("renewal identifier: no certificate with a serial number")
	}
	if len(cert.AuthorityKeyId) == 0 {
		return "", fmt.Errorf("renewal identifier of certificate %x: no authority key identifier", cert.SerialNumber)
	}
	der, err := asn1.Marshal(cert.SerialNumber)
	if err != nil {
		return "", fmt.Errorf("renewal identifier of certificate %x: %w", cert.SerialNumber, err)
	}
	var serial asn1.RawValue
	if _, err := asn1.Unmarshal(der, &serial); err != nil {
		return "", fmt.Errorf("renewal identifier of certificate %x: %w", cert.SerialNumber, err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode(cert.AuthorityKeyId) + "." + encode(serial.Bytes), nil
}
