package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Served is what a client saw of a certificate.
type Served struct {
	Names    []string
	Issuer   string // common name of the certificate's issuer
	NotAfter time.Time
}

// Serve serves the certificate of a TLS Secret to one client, which wants it to
// be good for a host and to end at Pebble's root.
func (s *State) Serve(ctx context.Context, namespace, secret, host string) (Served, error) {
	client, err := s.client()
	if err != nil {
		return Served{}, err
	}
	pair, err := s.pair(ctx, client, namespace, secret)
	if err != nil {
		return Served{}, err
	}
	root, err := s.fetch(ctx, client, "https://"+s.Addr(portManagement)+"/roots/0")
	if err != nil {
		return Served{}, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(root) {
		return Served{}, errors.New("the root of Pebble cannot be read")
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		return Served{}, err
	}
	defer listener.Close()
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_ = conn.(*tls.Conn).Handshake()
			conn.Close()
		}
	}()
	conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{ServerName: host, RootCAs: roots})
	if err != nil {
		return Served{}, fmt.Errorf("%s with the certificate of Secret %s/%s: %w", host, namespace, secret, err)
	}
	defer conn.Close()
	leaf := conn.ConnectionState().PeerCertificates[0]
	return Served{Names: leaf.DNSNames, Issuer: leaf.Issuer.CommonName, NotAfter: leaf.NotAfter}, nil
}

func (s *State) pair(ctx context.Context, client *http.Client, namespace, name string) (tls.Certificate, error) {
	body, err := s.fetch(ctx, client, fmt.Sprintf("https://%s/api/v1/namespaces/%s/secrets/%s", s.Addr(portAPIServer), namespace, name))
	if err != nil {
		return tls.Certificate{}, err
	}
	var secret struct {
		Data map[string][]byte `json:"data"`
	}
	if err := json.Unmarshal(body, &secret); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
}
