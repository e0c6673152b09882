package endpoint

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestChain(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	chain, err := Chain(t.Context(), server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if len(chain) != 1 || !chain[0].Equal(server.Certificate()) {
		t.Errorf("got %d certificates", len(chain))
	}
}

// listen answers every connection in its own way.
func listen(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer(conn)
		}
	}()
	return l.Addr().String()
}

func TestChainErrors(t *testing.T) {
	closed := listen(t, func(net.Conn) {})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	l.Close()
	stopped, stop := context.WithCancelCause(t.Context())
	stop(errors.New("stopped"))
	for name, tt := range map[string]struct {
		ctx           context.Context
		address, want string
	}{
		"no port":  {t.Context(), "localhost", "localhost: not a host and port"},
		"nobody":   {t.Context(), gone, "connection refused"},
		"stopped":  {stopped, closed, "connect to " + closed + ": stopped"},
		"no TLS":   {t.Context(), listen(t, func(c net.Conn) { c.Write([]byte("220 mail\r\n")); c.Close() }), "does not look like a TLS handshake"},
		"hangs up": {t.Context(), listen(t, func(c net.Conn) { c.Close() }), "connect to "},
	} {
		t.Run(name, func(t *testing.T) {
			chain, err := Chain(tt.ctx, tt.address)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %d certificates and error %v, want %s", len(chain), err, tt.want)
			}
		})
	}
}
