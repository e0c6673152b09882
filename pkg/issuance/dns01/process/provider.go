package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
)

// Launcher creates DNS providers, each in a separate process. The zero value starts this
// program with Subcommand.
type Launcher struct {
	Path string   // "" for this program
	Args []string // nil for Subcommand

	grace, patience, idle time.Duration // 0 for the defaults; tests use shorter times
}

// The default times. A process without records to remove soon ends, as it takes memory. Others
// are kept: many providers can only remove records that they remember.
const (
	usualGrace    = 2 * time.Second
	usualPatience = time.Minute // to start a process and log in
	usualIdle     = time.Minute
	longestIdle   = time.Hour
)

// Provider creates lego's provider of that name from its documented variables. For a variable
// that names a file, the value is the file's content. The error lists all invalid variables;
// errors of lego may contain values.
//
// The process ends when it is not used, when it fails, and with this process. A call without a
// process starts another.
func (l Launcher) Provider(ctx context.Context, name string, variables map[string]string) (dns01.Provider, error) {
	p := &provider{Launcher: l, name: name, variables: map[string][]byte{}, turn: make(chan struct{}, 1), written: map[dns01.Record]bool{}}
	for v, value := range variables {
		p.variables[v] = []byte(value)
	}
	if _, err := p.acquire(ctx); err != nil {
		return nil, err
	}
	p.release()
	return p, nil
}

// provider is a provider and its current process.
type provider struct {
	Launcher
	name      string
	variables map[string][]byte
	turn      chan struct{} // to start a process

	mu      sync.Mutex
	child   *child // nil for none
	traits  dns01.Traits
	users   int // calls in progress
	written map[dns01.Record]bool
	timer   *time.Timer // to end the process, nil while it is in use
}

// Traits implements dns01.Provider.
func (p *provider) Traits() dns01.Traits {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.traits
}

// Present implements dns01.Provider.
func (p *provider) Present(ctx context.Context, r dns01.Record) error {
	return p.do(ctx, Present, r)
}

// CleanUp implements dns01.Provider.
func (p *provider) CleanUp(ctx context.Context, r dns01.Record) error {
	return p.do(ctx, CleanUp, r)
}

func (p *provider) do(ctx context.Context, method string, r dns01.Record) error {
	c, err := p.acquire(ctx)
	if err != nil {
		return err
	}
	defer p.release()
	if method == Present {
		p.note(r, true) // even if it fails: it may have written something
	}
	_, err = c.ask(ctx, Request{Method: method, Record: &r})
	if method == CleanUp && err == nil {
		p.note(r, false)
	}
	return err
}

func (p *provider) note(r dns01.Record, written bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if written {
		p.written[r] = true
	} else {
		delete(p.written, r)
	}
}

// acquire returns the process and starts it if there is none. Call release afterwards.
func (p *provider) acquire(ctx context.Context) (*child, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if c := p.reuse(); c != nil {
		return c, nil
	}
	c, traits, err := p.make(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.child, p.traits, p.users = c, traits, p.users+1
	clear(p.written) // a new process does not remember records of the last one
	return c, nil
}

// reuse returns the current process, nil for none.
func (p *provider) reuse() *child {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.child == nil || !p.child.alive() {
		return nil
	}
	p.users++
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	return p.child
}

func (p *provider) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.users--; p.users > 0 || p.child == nil {
		return
	}
	limit := orUsual(p.idle, usualIdle)
	if len(p.written) > 0 {
		limit = longestIdle
	}
	c := p.child
	p.timer = time.AfterFunc(limit, func() { p.rest(c) })
}

// rest ends an unused process.
func (p *provider) rest(c *child) {
	p.mu.Lock()
	unused := p.users == 0 && p.child == c
	if unused {
		p.child = nil
	}
	p.mu.Unlock()
	if unused {
		c.close()
	}
}

// make starts a process and creates the provider in it.
func (p *provider) make(ctx context.Context) (*child, dns01.Traits, error) {
	limit := orUsual(p.patience, usualPatience)
	ctx, stop := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not ready after %s", limit))
	defer stop()
	c, err := p.start()
	if err != nil {
		return nil, dns01.Traits{}, p.fault(fmt.Errorf("start its process: %w", err))
	}
	traits, err := c.handshake(ctx, p.name, maps.Clone(p.variables))
	if err == nil {
		return c, traits, nil
	}
	go c.close()
	var said reportedError
	if errors.As(err, &said) || errors.Is(err, context.Canceled) {
		return nil, traits, err // not a fault of the process
	}
	return nil, traits, p.fault(err)
}

func (p *provider) fault(err error) error { return fmt.Errorf("DNS provider %q: %w", p.name, err) }

func (p *provider) start() (*child, error) {
	path, args := p.Path, p.Args
	if path == "" {
		var err error
		if path, err = os.Executable(); err != nil {
			return nil, err
		}
	}
	if args == nil {
		args = []string{Subcommand}
	}
	return start(path, args, orUsual(p.grace, usualGrace))
}

func orUsual(given, usual time.Duration) time.Duration {
	if given > 0 {
		return given
	}
	return usual
}
