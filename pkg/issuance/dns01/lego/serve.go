package lego

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/challenge"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
)

// server answers the requests of the parent process.
type server struct {
	out *process.Writer
	// create creates the provider.
	create func(name string, variables map[string][]byte) (challenge.Provider, error)

	mu       sync.Mutex
	provider challenge.Provider // nil until it is created
	cancels  map[uint64]context.CancelFunc
}

// serve answers requests until in ends, and then returns nil. It does not wait for calls in
// progress: providers take no context, and the process is about to end.
func (s *server) serve(in io.Reader) error {
	requests := process.NewReader(in)
	if err := s.greet(requests); err != nil {
		return err
	}
	for {
		var r process.Request
		if err := requests.Read(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
		if r.Method == process.Cancel {
			s.cancel(r.ID)
			continue
		}
		ctx := s.begin(r.ID)
		go s.answer(ctx, r)
	}
}

// greet sends the protocol version, and fails if the parent's differs.
func (s *server) greet(requests *process.Reader) error {
	var r process.Request
	if err := requests.Read(&r); err != nil {
		return fmt.Errorf("read the first request: %w", err)
	}
	if err := s.out.Write(process.Response{ID: r.ID, Version: process.Version}); err != nil {
		return err
	}
	if r.Method != process.Hello || r.Version != process.Version {
		return fmt.Errorf("the first request is %q with version %d of the protocol, not %d", r.Method, r.Version, process.Version)
	}
	return nil
}

// begin is called in the order of requests, so that a cancel never comes before it.
func (s *server) begin(id uint64) context.Context {
	ctx, stop := context.WithCancel(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancels[id] = stop
	return ctx
}

func (s *server) cancel(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stop := s.cancels[id]; stop != nil {
		stop()
	}
}

func (s *server) answer(ctx context.Context, r process.Request) {
	answer, err := s.handle(ctx, r)
	s.cancel(r.ID)
	s.mu.Lock()
	delete(s.cancels, r.ID)
	s.mu.Unlock()
	answer.ID = r.ID
	if err != nil {
		answer.Error = err.Error()
		if answer.Error == "" {
			answer.Error = "an error without a text"
		}
	}
	if errors.Is(s.out.Write(answer), process.ErrTooLong) {
		// If the error were truncated, part of a secret would not be redacted.
		answer.Error = fmt.Sprintf("an error of %d bytes, too long to show", len(answer.Error))
		_ = s.out.Write(answer) // otherwise the parent has ended, and this process will
	}
}

func (s *server) handle(ctx context.Context, r process.Request) (process.Response, error) {
	if r.Method == process.Make {
		return process.Response{}, s.make(r)
	}
	s.mu.Lock()
	p := s.provider
	s.mu.Unlock()
	switch {
	case p == nil:
		return process.Response{}, fmt.Errorf("%q before the provider is created", r.Method)
	case r.Method == process.Timeout:
		return process.Response{Traits: traits(p)}, nil
	case r.Method == process.Present && r.Record != nil:
		return process.Response{}, dns01.CallLego(ctx, *r.Record, p.Present)
	case r.Method == process.CleanUp && r.Record != nil:
		return process.Response{}, dns01.CallLego(ctx, *r.Record, p.CleanUp)
	}
	return process.Response{}, fmt.Errorf("unknown request %q", r.Method)
}

func (s *server) make(r process.Request) error {
	if err := dns01.PrepareLego(); err != nil {
		return err
	}
	p, err := s.create(r.Provider, r.Variables)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.provider = p
	return nil
}

func traits(p challenge.Provider) *dns01.Traits {
	t := &dns01.Traits{}
	_, t.Sequential = p.(interface{ Sequential() time.Duration })
	if own, ok := p.(challenge.ProviderTimeout); ok {
		t.Timeout, _ = own.Timeout()
	}
	return t
}
