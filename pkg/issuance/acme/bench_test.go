package acme

import (
	"crypto"
	"crypto/elliptic"
	"fmt"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// BenchmarkIssue issues 500 certificates from Pebble, 64 at a time, each for one name with
// http-01 and a stateless responder, with both types of account keys. Pebble, the responder and
// the client share the machine. Certificate keys are generated before.
func BenchmarkIssue(b *testing.B) {
	l := startLive(b)
	b.Run("ecdsa", func(b *testing.B) { benchmarkIssue(b, l, ecKey(b, elliptic.P256())) })
	b.Run("rsa", func(b *testing.B) { benchmarkIssue(b, l, rsaKey(b)) })
}

func benchmarkIssue(b *testing.B, l *live, key crypto.Signer) {
	const orders, inFlight = 500, 64
	c := l.config(b)
	c.Key = key
	var sent atomic.Int64
	c.Observe = func(time.Duration, bool) { sent.Add(1) }
	a := open(b, c)
	var took []time.Duration
	for round := 0; b.Loop(); round++ {
		b.StopTimer()
		requests := make([]issuance.Request, orders)
		for i := range requests {
			requests[i] = l.request(b, a, fmt.Sprintf("%s%d-%d.example.com", path.Base(b.Name()), round, i))
		}
		b.StartTimer()
		took = append(took, issueAll(b, a, requests, inFlight)...)
	}
	slices.Sort(took)
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "cert/s")
	b.ReportMetric(float64(sent.Load())/float64(len(took)), "requests/cert")
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// issueAll returns the duration of each issuance.
func issueAll(b *testing.B, a *Account, requests []issuance.Request, inFlight int) []time.Duration {
	var mu sync.Mutex
	var took []time.Duration
	var g errgroup.Group
	g.SetLimit(inFlight)
	for _, r := range requests {
		g.Go(func() error {
			start := time.Now()
			_, err := a.Issue(b.Context(), r)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(start))
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	return took
}
