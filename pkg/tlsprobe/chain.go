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

// timeout is the timeout of a connection.
const timeout = 10 * time.Second

// Chain connects to host:port and returns the certificates that the server sends, its own
// first. It verifies nothing and sends only a handshake: use it to inspect a chain, not to
// communicate. A server that rejects the client after sending its chain counts as success.
func Chain(ctx context.Context, address string) ([]*x509.Certificate, error) {
	return chain(ctx, address, &tls.Config{})
}

// Chains returns the chains that a server sends to clients with different key types, without
// duplicates, that of Chain first: a server may have an RSA and an ECDSA certificate. With only
// TLS 1.3 one chain is found. The handshakes are sequential. A handshake that fails for another
// reason than a missing key type is an error.
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

// chainOf connects as a TLS 1.2 client with one key type; it returns nil if the server rejects
// that. Some servers close the connection without an alert. chainOf then checks that they do so
// again and accept other clients.
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

// refused reports whether a server has no parameters in common with the client (RFC 8446, 6.2):
// crypto/tls has the alert as a number without a name.
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

// suites returns the TLS 1.2 cipher suites that authenticate with one key type.
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
		config.CipherSuites = suites("_") // including insecure ones
	}
	config.InsecureSkipVerify = true // the caller compares fingerprints
	config.VerifyConnection = func(s tls.ConnectionState) error {
		sent = s.PeerCertificates
		return nil
	}
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	if err == nil {
		_ = conn.Close() // nothing was sent that could be lost
	}
	if sent == nil {
		return nil, fmt.Errorf("connect to %s: %w", address, causeOf(ctx, err))
	}
	return sent, nil
}

// causeOf returns the cause of a context's end, or err if it has not ended.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
