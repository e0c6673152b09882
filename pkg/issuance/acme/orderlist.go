package acme

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/acme/api"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// readOrders reads the account's list of orders, if that is needed for these names. Concurrent
// callers share one reading.
func (a *Account) readOrders(ctx context.Context, key string) error {
	if !a.orphans.isStale(key) {
		return nil
	}
	select {
	case a.orphans.reading <- struct{}{}:
		defer func() { <-a.orphans.reading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if !a.orphans.isStale(key) {
		return nil
	}
	start := time.Now()
	urls, err := a.listOrders(ctx)
	found, lookErr := a.openOrders(ctx, start.Add(a.orphans.budget), urls)
	if err == nil {
		err = lookErr
	}
	return a.orphans.file(start, found, err)
}

// listOrders returns the last URLs of the account's list of orders. Without a list it returns
// the error of a server that rejects the request.
func (a *Account) listOrders(ctx context.Context) ([]string, error) {
	var last []string
	page := a.orderList()
	if page == "" {
		return nil, &problem{Detail: "the account has no list of orders", status: http.StatusNotFound}
	}
	for end := time.Now().Add(a.orphans.budget / 2); page != "" && time.Now().Before(end); {
		r, err := a.do(ctx, func(core *api.Core) error {
			_, err := core.Orders.Get(page) // a signed request for any resource
			return err
		})
		if err != nil {
			return last, err
		}
		list, err := decode[struct{ Orders []string }](r)
		if err != nil {
			return last, err
		}
		last = append(last, list.Orders...)
		last = last[max(0, len(last)-maxOrphans):]
		page = r.link("next", page)
	}
	return last, nil
}

// openOrders reads orders, the last of the list first, until the deadline. It returns the names of
// open orders by URL, and "" for other orders.
func (a *Account) openOrders(ctx context.Context, until time.Time, urls []string) (map[string]string, error) {
	ctx, stop := context.WithDeadline(ctx, until)
	defer stop()
	var mu sync.Mutex
	found := map[string]string{}
	var looks errgroup.Group
	looks.SetLimit(listTurns)
	for _, url := range slices.Backward(urls) {
		if a.orphans.isKnown(url) {
			continue
		}
		looks.Go(panics.Guard(func() error {
			o, err := a.lookOnce(ctx, url)
			if err != nil {
				return err
			}
			key := ""
			if o.isOpen() {
				key = strings.Join(o.names(), ",")
			}
			mu.Lock()
			defer mu.Unlock()
			found[url] = key
			return nil
		}))
	}
	err := looks.Wait()
	if _, passes := temporaryErrorOf(err); !passes {
		err = nil // a single order cannot be read, or the deadline is over
	}
	return found, err
}
