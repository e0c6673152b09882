package zone

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"

	"github.com/miekg/dns"
)

// hashes are the algorithms of RFC 8945, section 6. MD5 must not be used, and
// is what cert-manager uses unless told otherwise.
var hashes = map[string]func() hash.Hash{
	dns.HmacMD5: md5.New, dns.HmacSHA1: sha1.New, dns.HmacSHA224: sha256.New224,
	dns.HmacSHA256: sha256.New, dns.HmacSHA384: sha512.New384, dns.HmacSHA512: sha512.New,
}

// keys signs and checks with every algorithm, by canonical key name.
type keys map[string]string // secrets in base64

func (k keys) Generate(msg []byte, t *dns.TSIG) ([]byte, error) {
	secret, known := k[dns.CanonicalName(t.Hdr.Name)]
	if !known {
		return nil, dns.ErrSecret
	}
	algorithm, known := hashes[dns.CanonicalName(t.Algorithm)]
	if !known {
		return nil, dns.ErrKeyAlg
	}
	raw, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(algorithm, raw)
	mac.Write(msg)
	return mac.Sum(nil), nil
}

func (k keys) Verify(msg []byte, t *dns.TSIG) error {
	want, err := k.Generate(msg, t)
	if err != nil {
		return err
	}
	if got, err := hex.DecodeString(t.MAC); err != nil || !hmac.Equal(got, want) {
		return dns.ErrSig
	}
	return nil
}
