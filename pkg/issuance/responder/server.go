package responder

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// maxConnections is the maximum number of open connections.
	maxConnections = 2000
	// maxHeader is the maximum size of a request's headers. A CA's are far shorter; proxies add
	// some.
	maxHeader = 8 << 10
	// patience is the timeout for reading a request, and for writing the answer.
	patience = 5 * time.Second
	// idle is the timeout of an idle connection.
	idle = 30 * time.Second
)

// NewServer returns a server for a public listener. It disconnects slow clients, and they
// cannot block others: when maxConnections are open, a new connection replaces the one that has
// been idle longest.
func NewServer(handler http.Handler) *http.Server {
	c := connections{order: list.New(), at: map[net.Conn]*list.Element{}}
	return &http.Server{
		Handler: handler, ConnState: c.changed, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, IdleTimeout: idle,
	}
}

// connections are a server's connections, by the time of their last change of state.
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
			_ = oldest.Close() // its goroutine ends with an error
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
