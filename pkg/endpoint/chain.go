// Package endpoint asks a TLS server which certificates it sends. It never
// decides whether they are to be trusted.
package endpoint

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"
)

// timeout is how long a server may take to answer.
const timeout = 10 * time.Second

// Chain connects to host:port and returns what the server sends, its own
// certificate first. Nothing is verified, and nothing but a handshake is sent:
// it is for looking at a chain, not for talking to the server.
func Chain(ctx context.Context, address string) ([]*x509.Certificate, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s: not a host and port", address)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errors.New("no answer within "+timeout.String()))
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{
		ServerName:         host,
		InsecureSkipVerify: true, // the caller compares fingerprints
		MinVersion:         tls.VersionTLS10,
	}}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, causeOf(ctx, err))
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates, nil
}

// causeOf prefers the reason for which a context ended to the error it led to.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
