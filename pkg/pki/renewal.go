package pki

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
)

// RenewalID is the identifier by which ACME servers know an issued certificate
// when they are asked when to renew it, or told what replaces it (RFC 9773
// §4.1): the issuer's key identifier and the serial number as DER has it.
func RenewalID(cert *x509.Certificate) (string, error) {
	if cert == nil || cert.SerialNumber == nil {
		return "", errors.New("renewal identifier: no certificate with a serial number")
	}
	if len(cert.AuthorityKeyId) == 0 {
		return "", fmt.Errorf("renewal identifier of certificate %x: it does not say its issuer's key identifier", cert.SerialNumber)
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
