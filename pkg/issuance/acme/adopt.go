package acme

import (
	"context"
	"slices"
	"strings"
	"time"
)

// key is how orphans are filed.
func (t *attempt) key() string { return strings.Join(t.names, ",") }

// adoptOrphan makes an orphan for the same names the order, if there is one.
func (t *attempt) adoptOrphan(ctx context.Context) (bool, error) {
	if err := t.readOrders(ctx, t.key()); err != nil {
		return false, err
	}
	for {
		url, ok := t.orphans.take(t.key())
		if !ok {
			return false, nil
		}
		if t.config.Journalled(url) {
			continue
		}
		o, err := t.lookOnce(ctx, url)
		if _, passes := troubleOf(err); passes {
			t.orphans.release(t.key(), url)
			return false, err
		}
		if err == nil && t.fits(o) {
			t.order, t.url, t.resumed = o, url, true
			t.config.Log.Info("an order that was left behind is taken up", "order", url, "names", t.names)
			return true, nil
		}
	}
}

// fits tells whether an order is what would be ordered.
func (t *attempt) fits(o order) bool {
	if !o.isOpen() || o.isExpired(time.Now().Add(time.Minute)) || !slices.Equal(o.names(), t.names) {
		return false
	}
	if t.request.Profile != "" && o.Profile != t.request.Profile || o.Replaces != "" && o.Replaces != t.request.Replaces {
		return false
	}
	ends, _ := time.Parse(time.RFC3339, o.NotAfter) // zero if it is not given
	return ends.Equal(t.request.NotAfter.Truncate(time.Second))
}

// readOrders reads the list if that is needed to know about these names, for
// all who wait for it.
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
	found, lookErr := a.sift(ctx, start.Add(a.orphans.budget), urls)
	if err == nil {
		err = lookErr
	}
	return a.orphans.file(start, found, err)
}
