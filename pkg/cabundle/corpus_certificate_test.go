package cabundle

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"time"
)

func request() []byte {
	return must(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "web"}}, edKey("web")))
}

func revocations() []byte {
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: day(2026, 1, 1), NextUpdate: day(2027, 1, 1)}
	issuer := *root("Corp Root")
	issuer.SubjectKeyId = []byte{1}
	return must(x509.CreateRevocationList(rand.Reader, list, &issuer, edKey("Corp Root")))
}

// rsaRoot returns a root with an RSA key.
func rsaRoot(name string, bits int) *x509.Certificate {
	return signed(caTemplate(name), rsaKey(bits), nil, nil)
}

// certificateASN1 is a certificate as far as the signature goes.
type certificateASN1 struct {
	TBS       asn1.RawValue
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// oldSignature signs a certificate anew as x509 no longer does: the last byte
// of the algorithm is all that differs between PKCS#1 signatures.
func oldSignature(c *x509.Certificate, by *rsa.PrivateKey, hash crypto.Hash, last byte) []byte {
	prefix := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01}
	tbs := bytes.Replace(c.RawTBSCertificate, append(prefix, 0x0b), append(prefix, last), 1)
	h := hash.New()
	h.Write(tbs)
	signature := must(rsa.SignPKCS1v15(nil, by, hash, h.Sum(nil)))
	return must(asn1.Marshal(certificateASN1{
		TBS:       asn1.RawValue{FullBytes: tbs},
		Algorithm: pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, int(last)}, Parameters: asn1.NullRawValue},
		Signature: asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)},
	}))
}

// versionOne returns a self-signed certificate of version 1.
func versionOne(name string) []byte {
	key := edKey(name)
	algorithm := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}}
	subject := pkix.Name{CommonName: name}.ToRDNSequence()
	tbs := must(asn1.Marshal(struct {
		Serial   int
		Algo     pkix.AlgorithmIdentifier
		Issuer   pkix.RDNSequence
		Validity struct{ From, To time.Time }
		Subject  pkix.RDNSequence
		Key      asn1.RawValue
	}{
		1, algorithm, subject, struct{ From, To time.Time }{day(2026, 1, 1), day(2036, 1, 1)}, subject,
		asn1.RawValue{FullBytes: must(x509.MarshalPKIXPublicKey(key.Public()))},
	}))
	signature := must(key.Sign(nil, tbs, crypto.Hash(0)))
	return must(asn1.Marshal(certificateASN1{asn1.RawValue{FullBytes: tbs}, algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}}))
}

// Roots on curves that Go does not have, and so cannot make.
const (
	onBrainpool = `-----BEGIN CERTIFICATE-----
MIIBPjCB5qADAgECAhQoPT+bXB7DsUO9FuHB7VLGQD3ZODAKBggqhkjOPQQDAjAN
MQswCQYDVQQDDAJCUDAeFw0yNjExMTIwMDAwMDBaFw0zNjExMTkwMDAwMDBaMA0x
CzAJBgNVBAMMAkJQMFowFAYHKoZIzj0CAQYJKyQDAwIIAQEHA0IABJ90e+9VW6la
QLcL18/XMCM2TWNDmymZkzoxBYrlTbGtkt3nEVwCbPOZiPnXhGgpFq0+fjhu1dn+
Lq25VXfWIrWjIzAhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoG
CCqGSM49BAMCA0cAMEQCIHcbl3IEpVREw5P7UzHKhj7E5jWI5UW6VWITSsG6kJVd
AiAIf4dVj8wHgeNA/XnsBMOkH0WPezjPQvIYYeCVtFVwQw==
-----END CERTIFICATE-----
`
	onSecp256k1 = `-----BEGIN CERTIFICATE-----
MIIBOjCB4qADAgECAhQM2Ji3wdbZDtXqDHMacZRSqPgjHTAKBggqhkjOPQQDAjAN
MQswCQYDVQQDDAJLMTAeFw0yNjExMTIwMDAwMDBaFw0zNjExMTkwMDAwMDBaMA0x
CzAJBgNVBAMMAksxMFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEDrn+3mWBrBmW/XF4
SChNl/j37lOmK1AlQXxI5BSev0nMV09IzZ1eoExMZ4x+5cMPQ+COBjsyIko2Lxhv
ErMN1qMjMCEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZI
zj0EAwIDRwAwRAIgRxOJkpC69KIrq9qNO2q+8zWdBTcEDOVxXWPKwBNlnvECIC1o
uV2f6fWarteMI1dHe2bbLmz7zNjYVDiRg49WVJJu
-----END CERTIFICATE-----
`
)

// onCurve returns a root with a key on a curve that does not exist.
func onCurve() []byte {
	c := signed(caTemplate("Unknown Curve"), ecKey(elliptic.P256(), "p256"), nil, nil)
	p256 := []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}
	other := []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x70}
	return bytes.Replace(c.Raw, p256, other, 1)
}

// extended adds an extension to a root.
func extended(id asn1.ObjectIdentifier, critical bool, value []byte) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Critical: critical, Value: value})
	}
}

// directoryConstraints are name constraints of kinds that Go does not parse:
// one directory and one registered ID, and never another directory.
func directoryConstraints() []byte {
	directory := func(unit string) asn1.RawValue {
		name := must(asn1.Marshal(pkix.Name{Organization: []string{"Corp"}, OrganizationalUnit: []string{unit}}.ToRDNSequence()))
		base := must(asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: name}))
		return asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: base}
	}
	registered := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: []byte{0x88, 0x02, 0x2a, 0x03}}
	return must(asn1.Marshal(struct {
		Permitted []asn1.RawValue `asn1:"tag:0"`
		Excluded  []asn1.RawValue `asn1:"tag:1"`
	}{[]asn1.RawValue{directory("Web"), registered}, []asn1.RawValue{directory("HR")}}))
}

// named returns a root with an encoded name.
func named(name string, tag int, seed string) *x509.Certificate {
	template := caTemplate(name)
	template.RawSubject = must(asn1.Marshal([][]struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}{{{asn1.ObjectIdentifier{2, 5, 4, 3}, asn1.RawValue{Tag: tag, Bytes: []byte(name)}}}}))
	// A SET of one is written as a SEQUENCE; the outer tag is the first one.
	template.RawSubject[2] = 0x31
	return signed(template, edKey(seed), nil, nil)
}

func certificateSamples() []sample {
	leaf := &x509.Certificate{Subject: pkix.Name{CommonName: "web"}, DNSNames: []string{"web.example.com"}}
	dupe := root("Corp Root A", func(c *x509.Certificate) { c.SerialNumber = big.NewInt(2) })
	other := signed(caTemplate("Corp Root A"), edKey("another key"), nil, nil)
	sha1Root := oldSignature(rsaRoot("SHA-1 Root", 2048), rsaKey(2048), crypto.SHA1, 5)
	issuedByRSA := signed(caTemplate("SHA-1 Intermediate"), edKey("issued"), rsaRoot("Corp Root", 2048), rsaKey(2048))
	return []sample{
		{name: "leaf.pem", data: pemOf(issued(leaf))},
		{name: "chain.pem", data: pemOf(issued(leaf), issued(caTemplate("Corp Intermediate")), root("Corp Root"))},
		{name: "self-signed-server.pem", data: pemOf(signed(&x509.Certificate{Subject: pkix.Name{CommonName: "lab"}, DNSNames: []string{"lab.local"}}, edKey("lab"), nil, nil))},
		{name: "ca-false.pem", data: pemOf(signed(&x509.Certificate{Subject: pkix.Name{CommonName: "no CA"}, BasicConstraintsValid: true}, edKey("no"), nil, nil))},
		{name: "may-not-sign.pem", data: pemOf(root("No Signing", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }))},
		{name: "intermediate.pem", data: pemOf(issued(caTemplate("Corp Intermediate")))},
		{name: "expired.pem", data: pemOf(root("Old Root", func(c *x509.Certificate) { c.NotBefore, c.NotAfter = day(2016, 1, 1), day(2025, 1, 1) }))},
		{name: "expired-yesterday.pem", data: pemOf(root("Old Root", func(c *x509.Certificate) { c.NotAfter = day(2026, 11, 21) }))},
		{name: "not-yet.pem", data: pemOf(root("Next Root", func(c *x509.Certificate) { c.NotBefore = day(2027, 1, 1) }))},
		{name: "soon.pem", data: pemOf(root("Corp Root", func(c *x509.Certificate) { c.NotAfter = day(2026, 12, 31) }))},
		{name: "in-90-days.pem", data: pemOf(root("Corp Root", func(c *x509.Certificate) { c.NotAfter = now.Add(soon) }))},
		{name: "rsa-1024.pem", data: pemOf(rsaRoot("Small Root", 1024))},
		{name: "rsa-2048.pem", data: pemOf(rsaRoot("Corp Root", 2048))},
		{name: "p224.pem", data: pemOf(signed(caTemplate("P-224 Root"), ecKey(elliptic.P224(), "p224"), nil, nil))},
		{name: "p256.pem", data: pemOf(signed(caTemplate("P-256 Root"), ecKey(elliptic.P256(), "p256"), nil, nil))},
		{name: "unknown-key.pem", data: blockOf(certificateLabel, bytes.ReplaceAll(root("Unknown Key").Raw, []byte{0x2b, 0x65, 0x70}, []byte{0x2b, 0x65, 0x7f}))},
		{name: "secp256k1.pem", data: onSecp256k1 + a},
		{name: "brainpool.pem", data: onBrainpool},
		{name: "unknown-curve.pem", data: blockOf(certificateLabel, onCurve())},
		{name: "critical-extension.pem", data: pemOf(root("Critical Root", extended(asn1.ObjectIdentifier{1, 2, 3, 4, 5}, true, []byte{5, 0})))},
		{name: "critical-directory-constraints.pem", data: pemOf(root("Constrained Root", extended(asn1.ObjectIdentifier{2, 5, 29, 30}, true, directoryConstraints())))},
		{name: "directory-constraints.pem", data: pemOf(root("Constrained Root", extended(asn1.ObjectIdentifier{2, 5, 29, 30}, false, directoryConstraints())))},
		{name: "same-subject-encoded.pem", data: pemOf(named("Corp Root A", asn1.TagPrintableString, "a"), named("CORP  Root A", asn1.TagUTF8String, "b"), named("Corp Root B", asn1.TagUTF8String, "c"))},
		{name: "sha1-root.pem", data: blockOf(certificateLabel, sha1Root)},
		{name: "md5-root.pem", data: blockOf(certificateLabel, oldSignature(rsaRoot("MD5 Root", 2048), rsaKey(2048), crypto.MD5, 4))},
		{name: "sha1-intermediate.pem", data: blockOf(certificateLabel, oldSignature(issuedByRSA, rsaKey(2048), crypto.SHA1, 5))},
		{name: "version-1.pem", data: blockOf(certificateLabel, versionOne("Version 1 Root"))},
		{name: "name-constraints.pem", data: pemOf(root("Constrained Root", func(c *x509.Certificate) {
			c.PermittedDNSDomains, c.ExcludedDNSDomains = []string{"example.com"}, []string{"secret.example.com"}
			c.PermittedIPRanges = []*net.IPNet{{IP: net.IPv4(10, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
		}))},
		{name: "client-only.pem", data: pemOf(root("Client Root", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }))},
		{name: "usages.pem", data: pemOf(root("All Root", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageCodeSigning}
			c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 3, 6, 1, 4, 1, 311, 10, 3, 13}}
		}))},
		{name: "duplicate.pem", data: a + b + a},
		{name: "renewed-same-key.pem", data: a + pemOf(dupe)},
		{name: "same-subject.pem", data: a + pemOf(other)},
		{name: "malformed.pem", data: blockOf(certificateLabel, []byte("\x30\x82\x00\x04\x02\x01\x01\x00")) + a},
		{name: "trailing-bytes.pem", data: blockOf(certificateLabel, append(bytes.Clone(rootA.Raw), 0))},
		{name: "nasty-subject.pem", data: pemOf(root("a\n-----BEGIN PRIVATE KEY-----\n\x1b[31m\u202e, CA"))},
		{name: "dashes-in-subject.pem", data: pemOf(root("-----BEGIN CERTIFICATE-----"))},
		{name: "no-subject.pem", data: pemOf(root(""))},
		{name: "eleven.pem", data: eleven()},
	}
}

// eleven roots are one more than AKS accepts.
func eleven() string {
	var text string
	for i := range 11 {
		if i > 0 {
			text += "\n"
		}
		text += pemOf(root(fmt.Sprintf("Root %02d", i)))
	}
	return text
}
