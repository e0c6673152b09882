package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/responder"
)

// serve serves HTTP at an address until the context ends; "" is no address. A
// TLS configuration without a handler answers handshakes only.
func serve(ctx context.Context, flag, address string, handler http.Handler, config *tls.Config) error {
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
	server := responder.NewServer(handler)
	server.ErrorLog = quietLog
	go func() { _ = server.Serve(listener) }()
	context.AfterFunc(ctx, func() {
		// Answers under way are finished; they are short.
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		_ = server.Shutdown(ctx)
	})
	return nil
}
