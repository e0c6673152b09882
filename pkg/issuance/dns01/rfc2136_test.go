package dns01

import (
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// TestResponseCodes: the explanation of each response code.
func TestResponseCodes(t *testing.T) {
	signed := &rfc2136{key: "lab.", algorithm: dns.HmacMD5}
	unsigned := &rfc2136{}
	for _, c := range []struct {
		host  *rfc2136
		rcode int
		tsig  int // error of the TSIG record, -1 for none
		want  string
	}{
		{signed, dns.RcodeNotAuth, dns.RcodeBadKey, "NOTAUTH, BADKEY: the server does not have TSIG key lab with hmac-md5"},
		{signed, dns.RcodeNotAuth, dns.RcodeBadSig, "NOTAUTH, BADSIG: the server has a different secret for TSIG key lab with hmac-md5"},
		{signed, dns.RcodeNotAuth, dns.RcodeBadTime, "NOTAUTH, BADTIME: the clocks of the server and this machine differ by more than 5 minutes"},
		{signed, dns.RcodeNotAuth, dns.RcodeSuccess, "NOTAUTH: the server does not serve this zone or does not accept TSIG key lab with hmac-md5: compare name, secret and algorithm"},
		{unsigned, dns.RcodeNotAuth, -1, "NOTAUTH: the server does not serve this zone"},
		{signed, dns.RcodeRefused, -1, "REFUSED: the server does not allow TSIG key lab with hmac-md5 to change this name"},
		{unsigned, dns.RcodeRefused, -1, "REFUSED: the server does not accept updates without a TSIG key"},
		{signed, dns.RcodeServerFailure, -1, "SERVFAIL"},
	} {
		m := &dns.Msg{MsgHdr: dns.MsgHdr{Rcode: c.rcode}}
		if c.tsig >= 0 {
			m.Extra = []dns.RR{&dns.TSIG{Hdr: dns.RR_Header{Name: "lab.", Rrtype: dns.TypeTSIG}, Error: uint16(c.tsig)}}
		}
		if got := c.host.refusal(m); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// updates is a name server that answers updates with a function.
func updates(t *testing.T, secret tsig, answer func(n int32, w dns.ResponseWriter, r, m *dns.Msg)) (addr string) {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int32
	server := &dns.Server{
		PacketConn: packets, TsigProvider: secret,
		MsgAcceptFunc: func(dns.Header) dns.MsgAcceptAction { return dns.MsgAccept },
		Handler: dns.HandlerFunc(func(w dns.ResponseWriter, r *dns.Msg) {
			m := new(dns.Msg).SetReply(r)
			if r.Opcode == dns.OpcodeUpdate {
				answer(n.Add(1), w, r, m)
				return
			}
			m.Authoritative = true
			m.Ns = []dns.RR{&dns.SOA{Hdr: dns.RR_Header{Name: "internal.example.", Rrtype: dns.TypeSOA, Class: dns.ClassINET}, Ns: "a.", Mbox: "b."}}
			_ = w.WriteMsg(m)
		}),
	}
	go server.ActivateAndServe()
	t.Cleanup(func() { _ = server.Shutdown() })
	return packets.LocalAddr().String()
}

// TestUpdateTriesAgain: a packet is lost, and no resolver has the zone.
func TestUpdateTriesAgain(t *testing.T) {
	t.Parallel()
	secret := tsig("secret")
	addr := updates(t, secret, func(n int32, w dns.ResponseWriter, r, m *dns.Msg) {
		if n == 1 {
			return
		}
		if w.TsigStatus() != nil || r.Question[0].Name != "internal.example." {
			t.Errorf("%v %v", w.TsigStatus(), r.Question)
		}
		m.SetTsig("lab.", dns.HmacMD5, 300, time.Now().Unix())
		_ = w.WriteMsg(m)
	})
	h := &rfc2136{server: addr, network: "udp", key: "lab.", algorithm: dns.HmacMD5, secret: secret}
	r := recordOf("_acme-challenge.shop.internal.example.", "one")
	r.zone = nil // not called
	if err := h.present(t.Context(), r); err != nil {
		t.Error(err)
	}
}

// TestUpdateForged: an answer signed with another key is not accepted.
func TestUpdateForged(t *testing.T) {
	t.Parallel()
	addr := updates(t, tsig("forger"), func(_ int32, w dns.ResponseWriter, _, m *dns.Msg) {
		m.SetTsig("lab.", dns.HmacSHA256, 300, time.Now().Unix())
		_ = w.WriteMsg(m)
	})
	h := &rfc2136{server: addr, network: "udp", key: "lab.", algorithm: dns.HmacSHA256, secret: tsig("secret")}
	err := h.present(t.Context(), recordOf("_acme-challenge.shop.internal.example.", "one"))
	if want := "update zone internal.example: invalid TSIG signature in the answer, key lab: dns: bad signature"; !strings.HasPrefix(text(err), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
