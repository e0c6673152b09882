package cabundle

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"
)

// bagOf returns PKCS#7 with nothing but certificates, as openssl crl2pkcs7 makes it.
func bagOf(certs ...*x509.Certificate) []byte {
	var all []byte
	for _, c := range certs {
		all = append(all, c.Raw...)
	}
	type content struct {
		Version                       int
		DigestAlgorithms, ContentInfo asn1.RawValue
		Certificates                  asn1.RawValue `asn1:"optional"`
		Signers                       asn1.RawValue
	}
	c := content{
		Version:          1,
		DigestAlgorithms: asn1.RawValue{FullBytes: []byte{0x31, 0}},
		ContentInfo:      asn1.RawValue{FullBytes: must(asn1.Marshal(struct{ ID asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}}))},
		Signers:          asn1.RawValue{FullBytes: []byte{0x31, 0}},
	}
	if len(certs) > 0 {
		c.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: all}
	}
	return must(asn1.Marshal(struct {
		ID      asn1.ObjectIdentifier
		Content content `asn1:"explicit,tag:0"`
	}{oidSignedData, c}))
}

const storePassword = "correct horse"

// trustStore12 returns a PKCS#12 trust store.
func trustStore12(password string, certs ...*x509.Certificate) string {
	return string(must(pkcs12.Modern2023.WithRand(&stream{seed: "pkcs12"}).EncodeTrustStore(certs, password)))
}

// manyRounds returns a trust store that claims to take eight million rounds of
// hashing to open.
func manyRounds() string {
	encoder := pkcs12.Modern2023.WithRand(&stream{seed: "pkcs12"}).WithIterations(0x012345)
	store := string(must(encoder.EncodeTrustStore([]*x509.Certificate{rootA}, "changeit")))
	return strings.ReplaceAll(store, "\x02\x03\x01\x23\x45", "\x02\x03\x7f\xff\xff")
}

// openStore12 returns a trust store without a password, and a key beside it.
func openStore12() string {
	safes := must(safesOf(must(pkcs12.Passwordless.EncodeTrustStore([]*x509.Certificate{rootA, rootB}, ""))))
	return string(must(sealed(append(safes, keySafe()), "")))
}

// longKey returns a trust store that claims to take a key of 32 KiB to open,
// which takes all rounds of hashing many times.
func longKey() string {
	encoder := pkcs12.Modern2026.WithRand(&stream{seed: "pkcs12"}).WithIterations(0x010001)
	store := string(must(encoder.EncodeTrustStore([]*x509.Certificate{rootA}, "changeit")))
	return strings.ReplaceAll(store, "\x02\x03\x01\x00\x01\x02\x01\x20", "\x02\x02\x7f\xff\x02\x02\x7f\xff")
}

// keyStore12 returns PKCS#12 with a key, its certificate and a CA.
func keyStore12() string {
	leaf := issued(&x509.Certificate{})
	return string(must(pkcs12.Modern2023.WithRand(&stream{seed: "pkcs12"}).Encode(edKey("issued"), leaf, []*x509.Certificate{root("Corp Root")}, "changeit")))
}

// caStore12 returns PKCS#12 with the key of a CA and its certificate.
func caStore12() string {
	return string(must(pkcs12.Modern2023.WithRand(&stream{seed: "pkcs12"}).Encode(edKey("Corp Root"), root("Corp Root"), nil, "changeit")))
}

// manyKeys12 returns a store with more keys than the library takes.
func manyKeys12() string {
	safes := must(safesOf([]byte(keyStore12())))
	return string(must(sealed(append(safes, safes[1], keySafe()), "changeit")))
}

// manySafes returns a store that takes few rounds of hashing to open, a
// thousand times.
func manySafes() string {
	encoder := pkcs12.Modern2023.WithRand(&stream{seed: "pkcs12"}).WithIterations(10_000)
	safes := must(safesOf(must(encoder.EncodeTrustStore([]*x509.Certificate{rootA}, "changeit"))))
	return string(must(sealed(slices.Repeat(safes, 1000), "changeit")))
}

// onlyKey12 returns a store with nothing but a key.
func onlyKey12() string { return string(must(sealed([]safe{keySafe()}, "changeit"))) }

// unmarked12 is what openssl pkcs12 -export -nokeys makes of Corp Root A, with
// password changeit.
const unmarked12 = "MIICRwIBAzCCAf0GCSqGSIb3DQEHAaCCAe4EggHqMIIB5jCCAeIGCSqGSIb3DQEHBqCCAdMwggHPAgEAMIIByAYJKoZIhvcNAQcBMFcGCSqGSI" +
	"b3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgFNTVwjh4B/QICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEGGPHgM1Obgc4v4sUcH7vlGA" +
	"ggFg5jG8/NKiasZveFI698vJPi/wU7/So627zkeRROlLq1wh5J+9EZBI7ptbkFSeXMlr+aJxJcW22waPLoONmx8crrARBUPWmfoNO6pSXyo7f7" +
	"69NV5VtsGBwIePQyCYiIslWxv3qNp5LuL9w/aak0G39x9VM30LlgamhzrNO/Rthl3zDol+eEjQyUVudeYZLIM5ddmtojllZbC5rOwAoF8yoRkD" +
	"n/yUHmNFvX1wWgUlw+N0fp/zw0bo3YvFPOWRNlscTzKIyREeMgR1PxISbGDOCUY10BWOP5Gd6ur6BF0CVAw52qHoK5Utvdk7KCJEghokfkFYU2" +
	"hmKMSZ5a1Fa1pLCcZaGW/7u3bGJXXasxmhEsJITXnQyy1UEhxk8Z2kddGy/6bXSWe7T9TL+RwnzDR+seieS+CppRkhLrhGgPmINsOUhjp0XDdT" +
	"K/73zjOQgjrjoBh27oL5trdWDocIp7DvKTBBMDEwDQYJYIZIAWUDBAIBBQAEIKE1xfxiR0fWnHltuFuf6Q6/n+oGunVBWY6u+3DPHDe8BAgVYF" +
	"JSbnYmHwICCAA="

// trustStoreJKS returns a JKS, with the keys of a server and a CA if keys is
// true.
func trustStoreJKS(password string, keys bool, certs ...*x509.Certificate) string {
	ks := keystore.New(keystore.WithOrderedAliases(), keystore.WithCustomRandomNumberGenerator(&stream{seed: "jks"}))
	certOf := func(c *x509.Certificate) keystore.Certificate {
		return keystore.Certificate{Type: "X509", Content: c.Raw}
	}
	for _, c := range certs {
		entry := keystore.TrustedCertificateEntry{CreationTime: now, Certificate: certOf(c)}
		must(0, ks.SetTrustedCertificateEntry(c.Subject.CommonName, entry))
	}
	if keys {
		for i, chain := range [][]*x509.Certificate{{root("Corp Root B")}, {issued(&x509.Certificate{}), root("Corp Root")}} {
			entry := keystore.PrivateKeyEntry{CreationTime: now, PrivateKey: []byte(secretBytes)}
			for _, c := range chain {
				entry.CertificateChain = append(entry.CertificateChain, certOf(c))
			}
			must(0, ks.SetPrivateKeyEntry([]string{"ca", "server"}[i], entry, []byte(password)))
		}
	}
	var b bytes.Buffer
	must(0, ks.Store(&b, []byte(password)))
	return b.String()
}

func binarySamples() []sample {
	known := []string{"", pkcs12.DefaultPassword, storePassword}
	pkcs8 := must(asn1.Marshal(struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}{0, pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 3, 101, 112}}, bytes.Repeat([]byte(secretBytes), 3)}))
	jks := trustStoreJKS(storePassword, false, rootA, rootB)
	return []sample{
		{name: "one.der", data: string(rootA.Raw)},
		{name: "two.der", data: string(rootA.Raw) + string(rootB.Raw)},
		{name: "rubbish-behind.der", data: string(rootA.Raw) + "\n"},
		{name: "cut.der", data: string(rootA.Raw[:150])},
		{name: "request.der", data: string(request())},
		{name: "revocations.der", data: string(revocations())},
		{name: "key.der", data: string(pkcs8)},
		{name: "bag.p7b", data: string(bagOf(rootA, rootB))},
		{name: "bag-empty.p7b", data: string(bagOf())},
		{name: "bag-pem.p7b", data: blockOf("PKCS7", bagOf(rootA, rootB))},
		{name: "bag-pem-cut.p7b", data: blockOf("PKCS7", bagOf(rootA)[:50])},
		{name: "store.p12", data: trustStore12(storePassword, rootA, rootB), passwords: known},
		{name: "store-changeit.p12", data: trustStore12("changeit", rootA), passwords: known},
		{name: "store-other-password.p12", data: trustStore12("secret", rootA), passwords: known},
		{name: "store-with-key.p12", data: keyStore12(), passwords: known},
		{name: "store-ca-key.p12", data: caStore12(), passwords: known},
		{name: "store-many-keys.p12", data: manyKeys12(), passwords: known},
		{name: "store-only-key.p12", data: onlyKey12(), passwords: known},
		{name: "store-unmarked.p12", data: string(must(base64.StdEncoding.DecodeString(unmarked12))), passwords: known},
		{name: "store-unmarked-other-password.p12", data: string(must(base64.StdEncoding.DecodeString(unmarked12))), passwords: []string{"", storePassword}},
		{name: "bag-ber.p7b", data: "\x30\x80" + string(bagOf(rootA)[4:]) + "\x00\x00"},
		{name: "store-many-rounds.p12", data: manyRounds(), passwords: known},
		{name: "store-long-key.p12", data: longKey(), passwords: known},
		{name: "store-open.p12", data: openStore12(), passwords: known},
		{name: "store-cut.p12", data: trustStore12("changeit", rootA)[:300], passwords: known},
		{name: "store.jks", data: jks, passwords: known},
		{name: "store-with-key.jks", data: trustStoreJKS(storePassword, true, rootA), passwords: known},
		{name: "store-other-password.jks", data: trustStoreJKS("secret", false, rootA), passwords: known},
		{name: "store-cut.jks", data: jks[:20], passwords: known},
		{name: "store-claims-4-gib.jks", data: claims4GiB(), passwords: known},
		{name: "store.jceks", data: string(binary.BigEndian.AppendUint32(nil, 0xcececece)) + jks[4:], passwords: known},
		{name: "base64-jks.txt", data: wrapped(b64(jks)), passwords: known},
		{name: "empty.pem", data: ""},
		{name: "blank.pem", data: " \n\n"},
		{name: "hello.pem", data: "hello\n"},
		{name: "login-page.pem", data: "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n"},
		{name: "random.bin", data: string(must(readAll(64)))},
	}
}

func readAll(n int) ([]byte, error) {
	raw := make([]byte, n)
	_, err := (&stream{seed: "random"}).Read(raw)
	return raw, err
}
