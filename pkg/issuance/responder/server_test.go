package responder

import (
	"container/list"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// start serves a handler on loopback until the test ends.
func start(t *testing.T, handler http.Handler) (server *http.Server, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server = NewServer(handler)
	go server.Serve(listener)
	t.Cleanup(func() { _ = server.Close() })
	return server, listener.Addr().String()
}

// dial opens a connection and sends an incomplete request.
func dial(t *testing.T, address, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestSlowClients: a validation is answered within a second while slow clients open more
// connections than the server keeps.
func TestSlowClients(t *testing.T) {
	const token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"
	var accounts Table
	accounts.Add("thumb", "127.0.0.1")
	_, address := start(t, &Responder{Thumbprints: accounts.Thumbprints})
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	slow := 0
	for _, n := range []int{1000, maxConnections + 500} {
		for ; slow < n; slow++ {
			dial(t, address, []string{"", "GET", "GET / HTTP/1.1\r\nHost: a.example.com\r\nX-Slow: "}[slow%3])
		}
		answer, err := client.Get("http://" + address + Path + token)
		if err != nil {
			t.Fatalf("with %d slow clients: %v", n, err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(body) != token+".thumb" {
			t.Errorf("with %d slow clients: %q, %v", n, body, err)
		}
	}
}

// TestServerLimits: a client that does not complete its request, or sends too much, is
// disconnected.
func TestServerLimits(t *testing.T) {
	_, address := start(t, http.NotFoundHandler())
	for _, tt := range []struct{ name, request, want string }{
		{"half a request", "GET / HTTP/1.1\r\nHost: a\r\n", ""},
		{"nothing", "", ""},
		{"long headers", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 4*maxHeader) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, address, tt.request)
			_ = conn.SetDeadline(time.Now().Add(4 * patience))
			answer, err := io.ReadAll(conn)
			if err, is := err.(net.Error); is && err.Timeout() {
				t.Fatalf("still open after %s", 4*patience)
			}
			if status, _, _ := strings.Cut(string(answer), "\r\n"); status != tt.want {
				t.Errorf("answered %q, want %q", status, tt.want)
			}
		})
	}
}

// TestServerStopsWriting: a client that does not read its answer is disconnected.
func TestServerStopsWriting(t *testing.T) {
	stopped := make(chan error, 1)
	_, address := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for err == nil {
			_, err = w.Write(make([]byte, 1<<16))
		}
		stopped <- err
	}))
	dial(t, address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	select {
	case <-stopped:
	case <-time.After(4 * patience):
		t.Errorf("still writing after %s", 4*patience)
	}
}

// TestConnections: the connection that has been idle longest is closed for a new one, and
// closed connections are forgotten.
func TestConnections(t *testing.T) {
	c := connections{order: list.New(), at: map[net.Conn]*list.Element{}}
	isClosed := func(conn net.Conn) bool {
		_ = conn.SetDeadline(time.Now())
		_, err := conn.Read(make([]byte, 1))
		return errors.Is(err, io.ErrClosedPipe)
	}
	var conns []net.Conn
	for range maxConnections {
		conn, _ := net.Pipe()
		conns = append(conns, conn)
		c.changed(conn, http.StateNew)
	}
	c.changed(conns[0], http.StateActive)
	c.changed(conns[1], http.StateIdle)
	one, _ := net.Pipe()
	c.changed(one, http.StateNew)
	for i, want := range []bool{false, false, true, false} {
		if got := isClosed(conns[i]); got != want {
			t.Errorf("connection %d is closed: %t, want %t", i, got, want)
		}
	}
	for _, conn := range append(conns, one) {
		c.changed(conn, http.StateClosed)
	}
	if c.order.Len() != 0 || len(c.at) != 0 {
		t.Errorf("%d and %d connections are left", c.order.Len(), len(c.at))
	}
}
