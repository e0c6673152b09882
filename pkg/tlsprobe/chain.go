package tlsprobe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"
)

// timeout is how long a server may take to answer.
const timeout = 10 * time.Second

// Chain connects to host:port and returns what the server sends, its own
// certificate first. Nothing is verified, and nothing but a handshake is sent:
// it is for looking at a chain, not for talking to the server. A server that
// refuses the client once it has sent its chain has answered.
func Chain(ctx context.Context, address string) ([]*x509.Certificate, error) {
	return chain(ctx, address, &tls.Config{})
}

// Chains returns what a server sends to clients that know different kinds of
// keys, each chain once, that of Chain first: a server may have a certificate
// of RSA and one of ECDSA. Where it speaks nothing but TLS 1.3 one is found. It
// is asked one time after another; a try that fails for another reason than
// that the server has no such key is an error.
func Chains(ctx context.Context, address string) ([][]*x509.Certificate, error) {
	first, err := Chain(ctx, address)
	if err != nil {
		return nil, err
	}
	chains := [][]*x509.Certificate{first}
	for _, kind := range []string{"_ECDSA_", "_RSA_"} {
		c, err := chainOf(ctx, address, kind)
		if err != nil {
			return nil, err
		}
		known := func(other []*x509.Certificate) bool { return other[0].Equal(c[0]) }
		if c != nil && !slices.ContainsFunc(chains, known) {
			chains = append(chains, c)
		}
	}
	return chains, nil
}

// chainOf asks as a client of TLS 1.2 that knows one kind of key; nil if the
// server refuses that. Some hang up instead of saying so: they do it again, and
// answer others in between.
func chainOf(ctx context.Context, address, kind string) ([]*x509.Certificate, error) {
	only := func() ([]*x509.Certificate, error) {
		return chain(ctx, address, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: suites(kind)})
	}
	c, err := only()
	if err == nil || refused(err) {
		return c, nil
	}
	if _, err := Chain(ctx, address); err != nil {
		return nil, err
	}
	c, again := only()
	if again == nil || refused(again) || hungUp(err) && hungUp(again) {
		return c, nil
	}
	return nil, again
}

// refused reports whether a server said that it has nothing in common with a
// client (RFC 8446, 6.2): crypto/tls has the alert as a number without a name.
func refused(err error) bool {
	const handshakeFailure, illegalParameter, protocolVersion, insufficientSecurity = 40, 47, 70, 71
	op, ok := errors.AsType[*net.OpError](err)
	if !ok || op.Op != "remote error" {
		return false
	}
	alert := reflect.ValueOf(op.Err)
	return alert.Kind() == reflect.Uint8 && slices.Contains([]uint64{handshakeFailure, illegalParameter, protocolVersion, insufficientSecurity}, alert.Uint())
}

func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

// suites are those of TLS 1.2 that authenticate by one kind of key.
func suites(kind string) []uint16 {
	var ids []uint16
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if strings.Contains(strings.Replace(s.Name, "TLS_RSA_", "TLS_ECDHE_RSA_", 1), kind) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func chain(ctx context.Context, address string, config *tls.Config) ([]*x509.Certificate, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s: not a host and port", address)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errors.New("no answer within "+timeout.String()))
	defer cancel()
	var sent []*x509.Certificate
	config.ServerName, config.MinVersion = host, tls.VersionTLS10
	if config.CipherSuites == nil {
		config.CipherSuites = suites("_") // also those that one would not talk by
	}
	config.InsecureSkipVerify = true // the caller compares fingerprints
	config.VerifyConnection = func(s tls.ConnectionState) error {
		sent = s.PeerCertificates
		return nil
	}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	if err == nil {
		_ = conn.Close() // nothing was said that could get lost
	}
	if sent == nil {
		return nil, fmt.Errorf("connect to %s: %w", address, causeOf(ctx, err))
	}
	return sent, nil
}

// causeOf prefers the reason for which a context ended to the error it led to.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
