package zone

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/miekg/dns"
)

// Config says where to listen and which TSIG key may update.
type Config struct {
	DNS, API        string // addresses; DNS is UDP and TCP
	KeyName, Secret string // of any algorithm; the secret in base64
}

// Serve answers until a listener fails.
func (z *Zone) Serve(c Config) error {
	packets, err := net.ListenPacket("udp", c.DNS)
	if err != nil {
		return err
	}
	stream, err := net.Listen("tcp", c.DNS)
	if err != nil {
		return err
	}
	api, err := net.Listen("tcp", c.API)
	if err != nil {
		return err
	}
	secrets := keys{dns.CanonicalName(c.KeyName): c.Secret}
	failed := make(chan error, 3)
	for _, s := range []*dns.Server{{PacketConn: packets}, {Listener: stream}} {
		s.Handler, s.TsigProvider, s.MsgAcceptFunc = dns.HandlerFunc(z.handle), secrets, accept
		go func() { failed <- s.ActivateAndServe() }()
	}
	go func() { failed <- http.Serve(api, z.API()) }()
	return <-failed
}

// accept lets updates in, whose sections may hold any number of records.
func accept(h dns.Header) dns.MsgAcceptAction {
	const response = 1 << 15
	if opcode := int(h.Bits>>11) & 0xF; opcode == dns.OpcodeUpdate && h.Bits&response == 0 {
		return dns.MsgAccept
	}
	return dns.DefaultMsgAcceptFunc(h)
}

func (z *Zone) handle(w dns.ResponseWriter, r *dns.Msg) {
	m := new(dns.Msg).SetReply(r)
	signed, err := signature(w, r)
	switch {
	case err != nil:
		m.Rcode = dns.RcodeNotAuth
	case r.Opcode == dns.OpcodeUpdate && !signed:
		m.Rcode = dns.RcodeRefused
	case r.Opcode == dns.OpcodeUpdate:
		m.Rcode = z.update(r)
	case r.Opcode != dns.OpcodeQuery || r.Question[0].Qtype == dns.TypeAXFR || r.Question[0].Qtype == dns.TypeIXFR:
		m.Rcode = dns.RcodeNotImplemented
	default:
		m.Authoritative, m.RecursionAvailable = true, true
		m.Answer, m.Ns = z.answer(r.Question[0])
	}
	fit(w, r, m)
	if signed {
		t := r.IsTsig()
		m.SetTsig(t.Hdr.Name, t.Algorithm, 300, time.Now().Unix())
	}
	_ = w.WriteMsg(m) // a client that left asks again
}

// signature tells whether a message is signed; a bad signature is an error.
func signature(w dns.ResponseWriter, r *dns.Msg) (bool, error) {
	if r.IsTsig() == nil {
		return false, nil
	}
	return w.TsigStatus() == nil, w.TsigStatus()
}

// fit cuts an answer to what the client takes by UDP, less room for a TSIG.
func fit(w dns.ResponseWriter, r, m *dns.Msg) {
	size := dns.MinMsgSize
	if opt := r.IsEdns0(); opt != nil {
		size = max(size, int(opt.UDPSize()))
		m.SetEdns0(opt.UDPSize(), false)
	}
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		m.Truncate(size - 128)
	}
}

// Ask sends one question over "udp" or "tcp".
func Ask(ctx context.Context, network, server, name string, qtype uint16) ([]dns.RR, error) {
	client := dns.Client{Net: network, Timeout: 5 * time.Second}
	m, _, err := client.ExchangeContext(ctx, new(dns.Msg).SetQuestion(dns.Fqdn(name), qtype), server)
	if err != nil {
		return nil, err
	}
	if m.Rcode != dns.RcodeSuccess {
		return nil, errors.New(dns.RcodeToString[m.Rcode])
	}
	return m.Answer, nil
}
