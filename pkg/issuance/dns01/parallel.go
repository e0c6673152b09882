package dns01

import (
	"context"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// concurrently calls do n times, at most atOnce at a time, and returns the error of each call.
func concurrently(n, atOnce int, do func(i int) error) []error {
	errs := make([]error, n)
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			errs[i] = panics.Guard(func() error { return do(i) })()
		})
	}
	all.Wait()
	return errs
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// changing serializes changes of one record set at a DNS provider: most providers can only read a set
// and write all of it. It is global because two issuers may share an account.
var changing locks

// locks are locks by name. The zero value is ready to use.
type locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	turn chan struct{}
	uses int // holders and waiters
}

// take acquires a lock, or returns the context's error.
func (l *locks) take(ctx context.Context, name string) (release func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*lock{}
	}
	k := l.held[name]
	if k == nil {
		k = &lock{turn: make(chan struct{}, 1)}
		l.held[name] = k
	}
	k.uses++
	l.mu.Unlock()
	select {
	case k.turn <- struct{}{}:
		return func() { <-k.turn; l.leave(name, k) }, nil
	case <-ctx.Done():
		l.leave(name, k)
		return nil, ctx.Err()
	}
}

func (l *locks) leave(name string, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.uses--; k.uses == 0 {
		delete(l.held, name)
	}
}
