package acme

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// TestSendInterrupted: the answer to a request that may change something is awaited for the
// grace period after the end of the context, and no request starts.
func TestSendInterrupted(t *testing.T) {
	for name, tt := range map[string]struct {
		method string
		takes  time.Duration // after the end of the context
		limit  time.Duration
		want   error
	}{
		"answered":           {method: http.MethodPost, takes: 200 * time.Millisecond, limit: time.Minute},
		"not answered":       {method: http.MethodPost, takes: time.Minute, limit: 200 * time.Millisecond, want: context.Canceled},
		"of no consequences": {method: http.MethodGet, takes: time.Minute, limit: time.Minute, want: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			defer end()
			var asked atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				_, _ = io.Copy(io.Discard, r.Body) // so that the end of a connection is noticed
				end()
				select {
				case <-time.After(tt.takes):
					w.WriteHeader(http.StatusCreated)
				case <-r.Context().Done():
				}
			}))
			defer server.Close()
			wire, err := newWire(Config{}.withDefaults())
			if err != nil {
				t.Fatal(err)
			}
			limited, stop := shutdown.With(ctx, tt.limit)
			defer stop()
			send := func() (reply, error) {
				req, err := http.NewRequest(tt.method, server.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				return wire.send(limited, req)
			}
			start := time.Now()
			r, err := send()
			if err != tt.want || err == nil && r.status != http.StatusCreated {
				t.Errorf("status %d, error %v, want %v", r.status, err, tt.want)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if _, err := send(); err != context.Canceled || asked.Load() != 1 {
				t.Errorf("then: %v, asked %d times", err, asked.Load())
			}
		})
	}
}
