package responder

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// maxConnections is how many connections a server keeps open.
	maxConnections = 2000
	// maxHeader is how long a request's headers may be. A CA's are far shorter;
	// proxies add some.
	maxHeader = 8 << 10
	// patience is how long a client may take to send a request, and to read the
	// answer.
	patience = 5 * time.Second
	// idle is how long a connection may wait for its next request.
	idle = 30 * time.Second
)

// NewServer returns a server for a listener that anybody can reach. Slow clients
// are cut off, and cannot keep others out: when maxConnections are open, a new
// one takes the place of the one that has been silent longest.
func NewServer(handler http.Handler) *http.Server {
	c := connections{order: list.New(), at: map[net.Conn]*list.Element{}}
	return &http.Server{
		Handler: handler, ConnState: c.changed, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, IdleTimeout: idle,
	}
}

// connections are those of a server, by when their state last changed.
type connections struct {
	lock  sync.Mutex
	order *list.List // of net.Conn, the longest unchanged first
	at    map[net.Conn]*list.Element
}

// changed implements http.Server.ConnState.
func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.lock.Lock()
	defer c.lock.Unlock()
	switch state {
	case http.StateNew:
		c.at[conn] = c.order.PushBack(conn)
		if c.order.Len() > maxConnections {
			oldest := c.order.Front().Value.(net.Conn)
			c.forget(oldest)
			_ = oldest.Close() // its goroutine sees that, and has nothing to save
		}
	case http.StateActive, http.StateIdle:
		if e := c.at[conn]; e != nil {
			c.order.MoveToBack(e)
		}
	case http.StateClosed, http.StateHijacked:
		c.forget(conn)
	}
}

func (c *connections) forget(conn net.Conn) {
	if e := c.at[conn]; e != nil {
		c.order.Remove(e)
		delete(c.at, conn)
	}
}
