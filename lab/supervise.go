package lab

import (
	"context"
	"net/http"
	"os"
	"time"
)

// Supervise runs the parts until the context ends or down is called, and
// then ends them. The caller holds the lock.
func (s *State) Supervise(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listener, err := s.listenControl()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Path("log"), 0o700); err != nil {
		return err
	}
	f, err := newFamily(s)
	if err != nil {
		return err
	}
	defer f.end()
	for _, part := range Parts() {
		if err := f.start(part); err != nil {
			return err
		}
	}
	server := http.Server{Handler: control(f, stop)}
	go server.Serve(listener)
	<-ctx.Done()
	grace, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return server.Shutdown(grace)
}
