package cabundle

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
)

// certificateKey is the part of a certificate up to its key (RFC 5280, 4.1).
type certificateKey struct {
	TBS struct {
		Version   int `asn1:"optional,explicit,default:0,tag:0"`
		Serial    asn1.RawValue
		Signature pkix.AlgorithmIdentifier
		Issuer    asn1.RawValue
		Validity  asn1.RawValue
		Subject   asn1.RawValue
		Key       struct{ Algorithm pkix.AlgorithmIdentifier }
	}
}

const ecPublicKey = "1.2.840.10045.2.1"

// ofGo are the curves of crypto/x509: P-224, P-256, P-384 and P-521.
var ofGo = []string{"1.3.132.0.33", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"}

var curves = map[string]string{
	"1.2.840.10045.3.1.1":   "P-192",
	"1.3.132.0.10":          "secp256k1",
	"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
	"1.3.36.3.3.2.8.1.1.8":  "brainpoolP256t1",
	"1.3.36.3.3.2.8.1.1.9":  "brainpoolP320r1",
	"1.3.36.3.3.2.8.1.1.10": "brainpoolP320t1",
	"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
	"1.3.36.3.3.2.8.1.1.12": "brainpoolP384t1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
	"1.3.36.3.3.2.8.1.1.14": "brainpoolP512t1",
	"1.2.156.10197.1.301":   "SM2",
}

// unknownCurve returns the curve of a key if Go does not support it, or "".
func unknownCurve(der []byte) string {
	var c certificateKey
	var id asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(der, &c); err != nil || c.TBS.Key.Algorithm.Algorithm.String() != ecPublicKey {
		return ""
	}
	parameters := c.TBS.Key.Algorithm.Parameters
	if _, err := asn1.Unmarshal(parameters.FullBytes, &id); err != nil {
		return "a curve without a name"
	}
	switch name, known := curves[id.String()]; {
	case known:
		return "curve " + name
	case slices.Contains(ofGo, id.String()):
		return ""
	}
	return "curve " + id.String()
}
