package acme

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestLiveRejectedNonces: a server that rejects six of seven good nonces.
func TestLiveRejectedNonces(t *testing.T) {
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "85")
	l := startLive(t)
	a := open(t, l.config(t))
	start := time.Now()
	var all sync.WaitGroup
	for i := range 8 {
		r := l.request(t, a, fmt.Sprintf("n%d.example.com", i))
		all.Go(func() {
			if _, err := a.Issue(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestLiveRestart: a server that restarts during an order and loses the order and the account.
func TestLiveRestart(t *testing.T) {
	l := startLive(t)
	a := open(t, l.config(t))
	was := a.URL()
	issue(t, a, l.request(t, a, "before.example.com"))
	for _, at := range []issuance.State{issuance.Presenting, issuance.Validating, issuance.Finalizing} {
		t.Run(string(at), func(t *testing.T) {
			r := l.request(t, a, string(at)+".example.com")
			r.Progress = func(s issuance.State) {
				if s == at {
					l.Run("kill", "pebble")
					time.AfterFunc(time.Second, func() { l.Run("start", "pebble") })
				}
			}
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			_, err := a.Issue(ctx, r)
			var f *issuance.Failure
			if !errors.As(err, &f) || !f.Dead {
				t.Fatalf("an order that is lost: %v", err)
			}
			if a.URL() == was || a.URL() == "" {
				t.Errorf("the account is %s, was %s", a.URL(), was)
			}
			was, r.Progress = a.URL(), nil
			l.check(t, issue(t, a, r), r.Names...)
		})
	}
	t.Run("before an order", func(t *testing.T) {
		l.Run("kill", "pebble")
		l.Run("start", "pebble")
		l.check(t, issue(t, a, l.request(t, a, "after.example.com")), "after.example.com")
	})
	t.Run("gone", func(t *testing.T) {
		l.Run("kill", "pebble")
		defer l.Run("start", "pebble")
		c := l.config(t)
		c.Unavailable = 2 * time.Second
		_, err := Open(t.Context(), c)
		var f *issuance.Failure
		if !errors.As(err, &f) || f.Reason != issuance.ReasonUnavailable || !strings.Contains(f.Detail, "connection refused") {
			t.Errorf("a server that is gone: %v", err)
		}
	})
}
