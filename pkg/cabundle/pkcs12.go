package cabundle

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"

	"software.sslmate.com/src/go-pkcs12"
)

// The safes of a PKCS#12 file are read one by one where the library does not open
// it as a whole: unencrypted ones here, and each encrypted one by the library, in a
// file of its own with a key that the library accepts.

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

// store is the unencrypted part of PKCS#12 (RFC 7292, 4 and appendix D).
type store struct {
	Version int
	Safes   safe
	Mac     mac `asn1:"optional"`
}

type safe struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
}

type mac struct {
	Digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Value     []byte
	}
	Salt   []byte
	Rounds int `asn1:"optional,default:1"`
}

type bag struct {
	Type       asn1.ObjectIdentifier
	Value      asn1.RawValue `asn1:"tag:0,explicit"`
	Attributes asn1.RawValue `asn1:"optional"`
}

var (
	oidData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidKeyBag  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
	oidKeyBag8 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	oidCertBag = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}
	oidPBMAC1  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
	oidPBKDF2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMAC256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
)

// openSafes returns the certificates of all safes of a store, and whether any
// holds keys. The password has been tried on the store as a whole.
func openSafes(der []byte, password string) (certs []*x509.Certificate, keys bool, err error) {
	safes, err := safesOf(der)
	var asked int64
	for _, s := range safes {
		open := openSafe
		if s.Type.Equal(oidData) {
			open = readSafe
		} else if asked += rounds(s.Content.Bytes, 0); asked > maxRounds {
			return nil, false, tooManyRounds(asked)
		}
		more, key, err := open(s, password)
		if err != nil {
			return nil, false, err
		}
		certs, keys = append(certs, more...), keys || key
	}
	return certs, keys, err
}

func safesOf(der []byte) ([]safe, error) {
	var s store
	if err := unmarshal(der, &s); err != nil {
		return nil, err
	}
	if !s.Safes.Type.Equal(oidData) {
		return nil, errors.New("it is sealed with a public key")
	}
	var safes []safe
	err := unwrap(s.Safes, &safes)
	return safes, err
}

// readSafe reads an unencrypted safe. It skips keys, which are encrypted
// individually.
func readSafe(s safe, _ string) (certs []*x509.Certificate, keys bool, err error) {
	var bags []bag
	if err := unwrap(s, &bags); err != nil {
		return nil, false, err
	}
	for _, b := range bags {
		switch {
		case b.Type.Equal(oidKeyBag) || b.Type.Equal(oidKeyBag8):
			keys = true
		case b.Type.Equal(oidCertBag):
			var inside struct {
				Type asn1.ObjectIdentifier
				DER  []byte `asn1:"tag:0,explicit"`
			}
			if err := unmarshal(b.Value.Bytes, &inside); err != nil {
				return nil, false, err
			}
			c, err := x509.ParseCertificate(inside.DER)
			if err != nil {
				return nil, false, err
			}
			certs = append(certs, c)
		}
	}
	return certs, keys, nil
}

// openSafe opens an encrypted safe with the library, which requires exactly one
// key in a file.
func openSafe(s safe, password string) (certs []*x509.Certificate, keys bool, err error) {
	certs, err = decode(password, s, keySafe())
	if err == nil || wrongPassword(err) {
		return certs, false, err
	}
	certs, err = decode(password, s)
	return certs, true, err
}

func decode(password string, safes ...safe) ([]*x509.Certificate, error) {
	der, err := sealed(safes, password)
	if err != nil {
		return nil, err
	}
	_, first, rest, err := pkcs12.DecodeChain(der, password)
	return append([]*x509.Certificate{first}, rest...), err
}

// keySafe returns an unencrypted safe with a dummy key.
func keySafe() safe {
	key := must(x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))))
	return wrap(must(asn1.Marshal([]bag{{Type: oidKeyBag, Value: explicit(key)}})))
}

// sealed returns a store of some safes with a password.
func sealed(safes []safe, password string) ([]byte, error) {
	content, err := asn1.Marshal(safes)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, sha256.Size)
	key, err := pbkdf2.Key(sha256.New, password, salt, 1, sha256.Size)
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, key)
	h.Write(content)
	s := store{Version: 3, Safes: wrap(content)}
	s.Mac.Digest.Algorithm, s.Mac.Digest.Value = pbmac1(salt), h.Sum(nil)
	return asn1.Marshal(s)
}

// pbmac1 is an HMAC with a key derived from a password and a salt in one round
// (RFC 9579).
func pbmac1(salt []byte) pkix.AlgorithmIdentifier {
	hmac := pkix.AlgorithmIdentifier{Algorithm: oidHMAC256}
	with := func(id asn1.ObjectIdentifier, parameters any) pkix.AlgorithmIdentifier {
		return pkix.AlgorithmIdentifier{Algorithm: id, Parameters: asn1.RawValue{FullBytes: must(asn1.Marshal(parameters))}}
	}
	kdf := with(oidPBKDF2, struct {
		Salt              []byte
		Rounds, KeyLength int
		Hash              pkix.AlgorithmIdentifier
	}{salt, 1, sha256.Size, hmac})
	return with(oidPBMAC1, struct{ KDF, HMAC pkix.AlgorithmIdentifier }{kdf, hmac})
}

// wrap returns an unencrypted safe with some content, and unwrap its content.
func wrap(content []byte) safe { return safe{oidData, explicit(must(asn1.Marshal(content)))} }

func unwrap(s safe, content any) error {
	var der []byte
	if err := unmarshal(s.Content.Bytes, &der); err != nil {
		return err
	}
	return unmarshal(der, content)
}

func explicit(der []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}
}

// unmarshal parses DER without trailing data.
func unmarshal(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err == nil && len(rest) > 0 {
		err = errors.New("trailing data")
	}
	return err
}

// must panics on errors that do not depend on input.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
