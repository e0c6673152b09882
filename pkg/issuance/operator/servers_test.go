package operator

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestListenerFailureEndsRun: a server whose listener dies ends the run, and says why.
func TestListenerFailureEndsRun(t *testing.T) {
	s, ctx := newServers(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.serve(listener, ServerError{Server: ServerHTTP01, Address: ":8089"}, http.NotFoundHandler())
	listener.Close()
	<-ctx.Done()
	s.close()
	if err := s.failure(); err == nil || !strings.HasPrefix(err.Error(), "serve HTTP-01 at :8089: ") {
		t.Errorf("failure %v", err)
	}
}

// TestCloseAnswers: a server that is closed answers the requests under way.
func TestCloseAnswers(t *testing.T) {
	s, _ := newServers(t.Context())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked, answered := make(chan struct{}), make(chan error, 1)
	s.serve(listener, ServerError{Server: ServerHTTP01, Address: ":8089"}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		time.Sleep(100 * time.Millisecond)
		_, _ = io.WriteString(w, "answer")
	}))
	go func() {
		resp, err := http.Get("http://" + listener.Addr().String())
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		answered <- err
	}()
	<-asked
	s.close()
	if err := <-answered; err != nil {
		t.Errorf("a request before the end is not answered: %v", err)
	}
	if err := s.failure(); err != nil {
		t.Errorf("failure %v of servers that were closed", err)
	}
}
