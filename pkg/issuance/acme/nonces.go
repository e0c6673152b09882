package acme

import (
	"slices"
	"sync"
	"time"
)

// nonces are unused nonces from answers (RFC 8555 §6.5). The newest is used first: servers may
// discard old ones.
type nonces struct {
	mu   sync.Mutex
	kept []nonce
}

type nonce struct {
	value string
	at    time.Time
}

const (
	maxNonces = 256
	nonceAge  = 5 * time.Minute
)

func (n *nonces) put(value string, now time.Time) {
	if value == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.kept) == maxNonces {
		n.kept = slices.Delete(n.kept, 0, 1)
	}
	n.kept = append(n.kept, nonce{value: value, at: now})
}

func (n *nonces) take(now time.Time) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.kept) == 0 {
		return "", false
	}
	newest := n.kept[len(n.kept)-1]
	if now.Sub(newest.at) > nonceAge {
		n.kept = nil // the others are older
		return "", false
	}
	n.kept = n.kept[:len(n.kept)-1]
	return newest.value, true
}
