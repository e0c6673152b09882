package responder

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"

	"github.com/go-acme/lego/v4/challenge/tlsalpn01"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// HTTP is an issuance.Solver that answers with a Responder.
type HTTP struct {
	*Responder
	// SelfCheck check that a challenge is reachable before the CA does; nil does not check.
	SelfCheck *SelfCheck
}

// Present implements issuance.Solver.
func (h HTTP) Present(ctx context.Context, challenges []issuance.Challenge) error {
	for _, c := range challenges {
		h.add(c.Name, c.Token, c.KeyAuthorization)
	}
	if h.SelfCheck == nil {
		return nil
	}
	var checks sync.WaitGroup
	for _, c := range challenges {
		checks.Go(func() { h.SelfCheck.await(ctx, c) })
	}
	checks.Wait()
	return ctx.Err()
}

// CleanUp implements issuance.Solver.
func (h HTTP) CleanUp(_ context.Context, challenges []issuance.Challenge) error {
	for _, c := range challenges {
		h.remove(c.Name, c.Token)
	}
	return nil
}

// TLSALPN is an issuance.Solver that answers TLS-ALPN-01 (RFC 8737) with the certificates of
// Config.
type TLSALPN struct {
	lock  sync.RWMutex
	certs map[string]*tls.Certificate
}

// Present implements issuance.Solver.
func (p *TLSALPN) Present(_ context.Context, challenges []issuance.Challenge) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.certs == nil {
		p.certs = map[string]*tls.Certificate{}
	}
	for _, c := range challenges {
		cert, err := tlsalpn01.ChallengeCert(c.Name, c.KeyAuthorization)
		if err != nil {
			return fmt.Errorf("create the challenge certificate for %s: %w", c.Name, err)
		}
		p.certs[c.Name] = cert
	}
	return nil
}

// CleanUp implements issuance.Solver.
func (p *TLSALPN) CleanUp(_ context.Context, challenges []issuance.Challenge) error {
	p.lock.Lock()
	defer p.lock.Unlock()
	for _, c := range challenges {
		delete(p.certs, c.Name)
	}
	return nil
}

// Config returns the TLS configuration of a listener that answers challenges and rejects all
// other handshakes.
func (p *TLSALPN) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{tlsalpn01.ACMETLS1Protocol},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			p.lock.RLock()
			defer p.lock.RUnlock()
			cert := p.certs[hello.ServerName]
			if cert == nil || len(hello.SupportedProtos) != 1 || hello.SupportedProtos[0] != tlsalpn01.ACMETLS1Protocol {
				return nil, fmt.Errorf("no challenge for %q", hello.ServerName)
			}
			return cert, nil
		},
	}
}
