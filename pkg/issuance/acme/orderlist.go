package acme

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-acme/lego/v4/acme/api"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// listOrders returns the URLs that come last in the account's list of orders.
// A server without one refuses as if it had been asked.
func (a *Account) listOrders(ctx context.Context) ([]string, error) {
	var last []string
	page := a.orderList()
	if page == "" {
		return nil, &problem{Detail: "the account has no list of orders", status: http.StatusNotFound}
	}
	for end := time.Now().Add(a.orphans.budget / 2); page != "" && time.Now().Before(end); {
		r, err := a.do(ctx, func(core *api.Core) error {
			_, err := core.Orders.Get(page) // a signed request for whatever is there
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

// sift looks at orders, the last of the list first, until time is up. It
// returns the names of those that are open, and "" for the others.
func (a *Account) sift(ctx context.Context, until time.Time, urls []string) (map[string]string, error) {
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
	if _, passes := troubleOf(err); !passes {
		err = nil // one of them cannot be read, or time is up
	}
	return found, err
}

// lookOnce reads an order and does not wait for trouble to pass.
func (a *Account) lookOnce(ctx context.Context, url string) (order, error) {
	r, err := a.do(ctx, func(core *api.Core) error {
		_, err := core.Orders.Get(url)
		return err
	})
	if err != nil {
		return order{}, err
	}
	return decode[order](r)
}

var linkPattern = regexp.MustCompile(`<([^>]*)>[^,]*?;\s*rel="?([^",;]+)"?`)

// links are the targets of a relation (RFC 8288), seen from the page that was
// asked for.
func (r reply) links(rel, page string) []string {
	var all []string
	for _, m := range linkPattern.FindAllStringSubmatch(strings.Join(r.header.Values("Link"), ", "), -1) {
		if m[2] != rel {
			continue
		}
		base, err := url.Parse(page)
		if err != nil {
			continue
		}
		if target, err := base.Parse(m[1]); err == nil {
			all = append(all, target.String())
		}
	}
	return all
}

func (r reply) link(rel, page string) string {
	if all := r.links(rel, page); len(all) > 0 {
		return all[0]
	}
	return ""
}
