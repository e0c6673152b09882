package main

import (
	"io"
	"net"
)

// forward takes what connects to a listener to an address that is reached from
// here.
func forward(listener net.Listener, addr string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // closed
		}
		go pipe(conn, addr)
	}
}

func pipe(conn net.Conn, addr string) {
	defer conn.Close()
	far, err := net.Dial("tcp", addr)
	if err != nil {
		return // which closes, as a refusal would
	}
	defer far.Close()
	done := make(chan struct{}, 2)
	for _, ends := range [][2]net.Conn{{conn, far}, {far, conn}} {
		go func() {
			_, _ = io.Copy(ends[0], ends[1])
			done <- struct{}{}
		}()
	}
	<-done
}
