package dns01

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// wholeSets is a DNS provider that can only read the values at a name and write all of them, as
// most hosts do.
type wholeSets struct {
	mu   sync.Mutex
	sets map[string][]string
}

func (h *wholeSets) change(r *record, edit func([]string) []string) {
	h.mu.Lock()
	have := slices.Clone(h.sets[r.fqdn])
	h.mu.Unlock()
	time.Sleep(20 * time.Millisecond) // a concurrent change reads meanwhile
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sets[r.fqdn] = edit(have)
}

func (h *wholeSets) present(_ context.Context, r *record) error {
	h.change(r, func(have []string) []string { return append(have, r.value) })
	return nil
}

func (h *wholeSets) remove(_ context.Context, r *record) error {
	h.change(r, func(have []string) []string {
		return slices.DeleteFunc(have, func(v string) bool { return v == r.value })
	})
	return nil
}

// TestConcurrentChangesOfOneName: no value at a name is lost, whether the values belong to one order or to
// two issuers that share an account.
func TestConcurrentChangesOfOneName(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	h := &wholeSets{sets: map[string][]string{}}
	at := time.Duration(0)
	var all sync.WaitGroup
	both := []*dnsSolver{}
	for range 2 {
		both = append(both, w.solver(backend{host: h}, func(p *dnsSolver) { p.o.WaitInstead = &at }))
	}
	order := challenges("shop.example.com", "*.shop.example.com", "x.shop.example.com")
	order[2].Name = "shop.example.com" // another account has another key
	for i, p := range both {
		all.Go(func() {
			if err := p.Present(t.Context(), order[i:i+2]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	have := h.sets[shop]
	for _, want := range []string{value("shop.example.com"), value("*.shop.example.com"), value("x.shop.example.com")} {
		if !slices.Contains(have, want) {
			t.Errorf("%s is lost of %q", want, have)
		}
	}
	for _, p := range both {
		if err := p.CleanUp(t.Context(), order); err != nil {
			t.Error(err)
		}
	}
	if left := h.sets[shop]; len(left) > 0 {
		t.Errorf("left %q", left)
	}
}
