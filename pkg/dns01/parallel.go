package dns01

import "sync"

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
			errs[i] = do(i)
		})
	}
	all.Wait()
	return errs
}
