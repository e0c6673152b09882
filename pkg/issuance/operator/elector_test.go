package operator

import (
	"errors"
	"sync"
	"testing"
)

// TestLeaderWorkEnd: work that begins while the election is given up is either
// done and waited for, or not begun.
func TestLeaderWorkEnd(t *testing.T) {
	failed := errors.New("failed")
	for range 1000 {
		w, began := leaderWork{done: make(chan struct{})}, false
		var workers sync.WaitGroup
		workers.Go(func() { w.do(func() error { began = true; return failed }) })
		worked, err := w.end()
		if worked != (err == failed) {
			t.Fatalf("worked %v, began %v, %v", worked, began, err)
		}
		workers.Wait()
		if began != worked {
			t.Fatalf("worked %v, began %v after the end", worked, began)
		}
	}
}
