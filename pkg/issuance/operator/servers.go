package operator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// Server is one of the servers of an operator.
type Server string

// The servers of an operator.
const (
	ServerHTTP01    Server = "HTTP-01"     // at Options.Listen
	ServerTLSALPN01 Server = "TLS-ALPN-01" // at Options.ListenTLS
	ServerMetrics   Server = "metrics"     // at Options.MetricsListen
)

// ServerError reports a server that could not start or that stopped by itself.
type ServerError struct {
	Server  Server
	Address string
	Err     error
}

// Error implements error.
func (e *ServerError) Error() string {
	return fmt.Sprintf("serve %s at %s: %v", e.Server, e.Address, e.Err)
}

// Unwrap returns the cause.
func (e *ServerError) Unwrap() error { return e.Err }

// servers are the HTTP servers of one run.
type servers struct {
	ctx     context.Context
	fail    context.CancelCauseFunc
	running sync.WaitGroup
}

// newServers returns servers that end with ctx, and a context that ends when one of them fails:
// a run must not continue without its listeners.
func newServers(ctx context.Context) (*servers, context.Context) {
	ctx, fail := context.WithCancelCause(ctx)
	return &servers{ctx: ctx, fail: fail}, ctx
}

// quietLog discards net/http's messages about disconnected clients.
var quietLog = log.New(io.Discard, "", 0)

// listen serves HTTP at an address, "" for none. With a TLS configuration and no handler it
// only answers handshakes.
func (s *servers) listen(server Server, address string, handler http.Handler, config *tls.Config) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return &ServerError{server, address, errors.Unwrap(err)}
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	if handler == nil {
		handler = http.NotFoundHandler()
	}
	s.serve(listener, ServerError{Server: server, Address: address}, handler)
	return nil
}

// serve serves until the servers are closed. If the server stops by itself, it reports failure
// with the cause added.
func (s *servers) serve(listener net.Listener, failure ServerError, handler http.Handler) {
	server := responder.NewServer(handler)
	server.ErrorLog = quietLog
	s.running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failure.Err = err
			s.fail(&failure)
		}
	})
	s.running.Go(func() {
		<-s.ctx.Done()
		// Short answers in progress are completed.
		ctx, stop := context.WithTimeout(context.WithoutCancel(s.ctx), time.Second)
		defer stop()
		_ = errors.Join(server.Shutdown(ctx), server.Close())
	})
}

// failure returns why a server stopped by itself, nil if none did.
func (s *servers) failure() error {
	if err, ok := context.Cause(s.ctx).(*ServerError); ok {
		return err
	}
	return nil
}

// close stops the servers and waits for them.
func (s *servers) close() {
	s.fail(nil)
	s.running.Wait()
}
