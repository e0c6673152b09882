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

// servers are the HTTP servers of one run.
type servers struct {
	ctx     context.Context
	fail    context.CancelCauseFunc
	running sync.WaitGroup
}

// newServers returns servers that end with ctx, and a context that ends with
// the first of them that fails: a run whose listener is dead must not go on.
func newServers(ctx context.Context) (*servers, context.Context) {
	ctx, fail := context.WithCancelCause(ctx)
	return &servers{ctx: ctx, fail: fail}, ctx
}

// quietLog drops what net/http reports of clients that go away.
var quietLog = log.New(io.Discard, "", 0)

// listen serves HTTP at an address, "" for none. The flag that gives it is for
// errors. A TLS configuration without a handler answers handshakes only.
func (s *servers) listen(flag, address string, handler http.Handler, config *tls.Config) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("%s %s: %w", flag, address, errors.Unwrap(err))
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	if handler == nil {
		handler = http.NotFoundHandler()
	}
	s.serve(listener, flag+" "+address, handler)
	return nil
}

func (s *servers) serve(listener net.Listener, name string, handler http.Handler) {
	server := responder.NewServer(handler)
	server.ErrorLog = quietLog
	s.running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(serverError{fmt.Errorf("%s: %w", name, err)})
		}
	})
	s.running.Go(func() {
		<-s.ctx.Done()
		// Answers under way are finished; they are short.
		ctx, stop := context.WithTimeout(context.WithoutCancel(s.ctx), time.Second)
		defer stop()
		_ = errors.Join(server.Shutdown(ctx), server.Close())
	})
}

// serverError is why a server has ended.
type serverError struct{ error }

func (e serverError) Unwrap() error { return e.error }

// failure is why a server has ended by itself, nil if none has.
func (s *servers) failure() error {
	if err, ok := context.Cause(s.ctx).(serverError); ok {
		return err
	}
	return nil
}

// close ends the servers and waits for that.
func (s *servers) close() {
	s.fail(nil)
	s.running.Wait()
}
