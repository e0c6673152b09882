package dns01

import (
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// concurrently does n things, at most so many at once, and returns the error of
// each.
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
