package dns01

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/miekg/dns"
)

// rfc2136 uses DNS dynamic updates. It adds and deletes single records, so concurrent updates
// of one name do not conflict.
type rfc2136 struct {
	server    string // address
	network   string // "udp" or "tcp"
	key       string // name of the TSIG key, "" for none
	algorithm string
	secret    tsig
}

func newRFC2136(c *reader, s *cmacme.ACMEIssuerDNS01ProviderRFC2136) (backend, error) {
	h := &rfc2136{network: "udp"}
	var err error
	if h.server, err = Address(s.Nameserver); err != nil {
		c.bad("nameserver", "%v", err)
	}
	switch strings.ToUpper(string(s.Protocol)) {
	case "", "UDP":
	case "TCP":
		h.network = "tcp"
	default:
		c.bad("protocol", "unknown protocol %q: use UDP or TCP", s.Protocol)
	}
	var known bool
	if h.algorithm, known = algorithm(s.TSIGAlgorithm); !known {
		c.bad("tsigAlgorithm", "unknown algorithm %q: use HMACMD5, HMACSHA1, HMACSHA224, HMACSHA256, HMACSHA384 or HMACSHA512", s.TSIGAlgorithm)
	}
	if s.TSIGKeyName != "" || s.TSIGSecret.Name != "" {
		h.sign(c, s)
	}
	return backend{host: h, name: "the name server " + s.Nameserver}, nil
}

// sign reads the TSIG key.
func (h *rfc2136) sign(c *reader, s *cmacme.ACMEIssuerDNS01ProviderRFC2136) {
	if s.TSIGKeyName == "" {
		c.bad("tsigKeyName", "required with tsigSecretSecretRef")
	}
	h.key = dns.CanonicalName(s.TSIGKeyName)
	secret := c.get("tsigSecretSecretRef", s.TSIGSecret)
	var err error
	if h.secret, err = base64.StdEncoding.DecodeString(secret); err != nil {
		c.bad("tsigSecretSecretRef", "key %s of Secret %s is not base64", s.TSIGSecret.Key, s.TSIGSecret.Name)
	}
}

func (h *rfc2136) present(ctx context.Context, r *record) error {
	return h.update(ctx, r, (*dns.Msg).Insert)
}

func (h *rfc2136) remove(ctx context.Context, r *record) error {
	return h.update(ctx, r, (*dns.Msg).Remove)
}

func (h *rfc2136) update(ctx context.Context, r *record, how func(*dns.Msg, []dns.RR)) error {
	zone, err := h.zone(ctx, r)
	if err != nil {
		return err
	}
	m := new(dns.Msg).SetUpdate(zone)
	how(m, []dns.RR{&dns.TXT{
		Hdr: dns.RR_Header{Name: r.fqdn, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60},
		Txt: []string{r.value},
	}})
	answer, err := h.send(ctx, m)
	if err != nil {
		return fmt.Errorf("update zone %s: %w", plain(zone), err)
	}
	if answer.Rcode != dns.RcodeSuccess {
		return fmt.Errorf("update zone %s: %s", plain(zone), h.refusal(answer))
	}
	return nil
}

// zone queries the server itself, which may serve a zone that the resolvers do not.
func (h *rfc2136) zone(ctx context.Context, r *record) (string, error) {
	m, err := ask(ctx, h.server, r.fqdn, dns.TypeSOA, false)
	if err == nil && m.Authoritative {
		if zone := apex(m, r.fqdn); zone != "" {
			return zone, nil
		}
	}
	return r.zone(ctx)
}

// send retries over UDP, where packets may be lost: repeating an update changes nothing.
func (h *rfc2136) send(ctx context.Context, m *dns.Msg) (answer *dns.Msg, err error) {
	for range 3 {
		client := &dns.Client{Net: h.network, Timeout: tryTimeout, UDPSize: udpSize}
		signed := m.Copy()
		if h.key != "" {
			client.TsigProvider = h.secret
			signed.SetTsig(h.key, h.algorithm, 300, time.Now().Unix())
		}
		answer, err = exchange(ctx, client, signed, h.server)
		if answer != nil && (err == nil || answer.Rcode != dns.RcodeSuccess) {
			return answer, nil // error responses may be unsigned
		}
		if ctx.Err() != nil || h.network == "tcp" {
			break
		}
	}
	if errors.Is(err, dns.ErrSig) || errors.Is(err, dns.ErrTime) {
		return nil, fmt.Errorf("invalid TSIG signature in the answer, key %s: %w", plain(h.key), err)
	}
	return nil, err
}

// refusal explains a response code and what to do.
func (h *rfc2136) refusal(answer *dns.Msg) string {
	code := dns.RcodeToString[answer.Rcode]
	key := fmt.Sprintf("TSIG key %s with %s", plain(h.key), strings.TrimSuffix(strings.TrimSuffix(h.algorithm, "."), ".sig-alg.reg.int"))
	if t := answer.IsTsig(); t != nil && t.Error != dns.RcodeSuccess {
		code += ", " + dns.RcodeToString[int(t.Error)]
		switch int(t.Error) {
		case dns.RcodeBadKey:
			return code + ": the server does not have " + key
		case dns.RcodeBadSig:
			return code + ": the server has a different secret for " + key
		case dns.RcodeBadTime:
			return code + ": the clocks of the server and this machine differ by more than 5 minutes"
		}
	}
	switch {
	case answer.Rcode == dns.RcodeNotAuth && h.key != "":
		return code + ": the server does not serve this zone or does not accept " + key + ": compare name, secret and algorithm"
	case answer.Rcode == dns.RcodeNotAuth:
		return code + ": the server does not serve this zone"
	case answer.Rcode == dns.RcodeRefused && h.key == "":
		return code + ": the server does not accept updates without a TSIG key"
	case answer.Rcode == dns.RcodeRefused:
		return code + ": the server does not allow " + key + " to change this name"
	}
	return code
}

// algorithms are those of RFC 8945, section 6, by cert-manager's names, and two more. MD5 is
// broken, but it is cert-manager's default.
var algorithms = map[string]string{
	"HMACMD5": dns.HmacMD5, "HMACSHA1": dns.HmacSHA1, "HMACSHA224": dns.HmacSHA224,
	"HMACSHA256": dns.HmacSHA256, "HMACSHA384": dns.HmacSHA384, "HMACSHA512": dns.HmacSHA512,
}

var hashes = map[string]func() hash.Hash{
	dns.HmacMD5: md5.New, dns.HmacSHA1: sha1.New, dns.HmacSHA224: sha256.New224,
	dns.HmacSHA256: sha256.New, dns.HmacSHA384: sha512.New384, dns.HmacSHA512: sha512.New,
}

// algorithm returns an algorithm by cert-manager's name; "" is cert-manager's default.
func algorithm(name string) (string, bool) {
	if name == "" {
		return dns.HmacMD5, true
	}
	found, known := algorithms[strings.ToUpper(name)]
	return found, known
}

// tsig signs with a key. The DNS library's own provider has no MD5.
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
