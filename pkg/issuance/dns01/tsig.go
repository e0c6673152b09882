package dns01

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"strings"

	"github.com/miekg/dns"
)

// algorithms are those of RFC 8945, section 6, as cert-manager writes them, and
// two more. MD5 is broken, and what cert-manager takes unless told otherwise.
var algorithms = map[string]string{
	"HMACMD5": dns.HmacMD5, "HMACSHA1": dns.HmacSHA1, "HMACSHA224": dns.HmacSHA224,
	"HMACSHA256": dns.HmacSHA256, "HMACSHA384": dns.HmacSHA384, "HMACSHA512": dns.HmacSHA512,
}

var hashes = map[string]func() hash.Hash{
	dns.HmacMD5: md5.New, dns.HmacSHA1: sha1.New, dns.HmacSHA224: sha256.New224,
	dns.HmacSHA256: sha256.New, dns.HmacSHA384: sha512.New384, dns.HmacSHA512: sha512.New,
}

// algorithm finds one by its name in a solver, "" for cert-manager's default.
func algorithm(name string) (string, bool) {
	if name == "" {
		return dns.HmacMD5, true
	}
	found, known := algorithms[strings.ToUpper(name)]
	return found, known
}

// tsig signs with a key. The DNS library could, but for MD5.
type tsig []byte

func (key tsig) Generate(msg []byte, t *dns.TSIG) ([]byte, error) {
	algorithm, known := hashes[dns.CanonicalName(t.Algorithm)]
	if !known {
		return nil, dns.ErrKeyAlg
	}
	mac := hmac.New(algorithm, key)
	mac.Write(msg)
	return mac.Sum(nil), nil
}

func (key tsig) Verify(msg []byte, t *dns.TSIG) error {
	want, err := key.Generate(msg, t)
	if err != nil {
		return err
	}
	if got, err := hex.DecodeString(t.MAC); err != nil || !hmac.Equal(got, want) {
		return dns.ErrSig
	}
	return nil
}
