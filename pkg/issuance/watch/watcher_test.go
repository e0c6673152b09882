package watch

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// TestWatcher: each change of a request, issuer, Secret or journal is sent as the entry it
// affects.
func TestWatcher(t *testing.T) {
	c := startCluster(t)
	own := issuerYAML("Issuer", "shop", "own")
	a := certificateYAML("shop", "a", "Issuer", "own", "a.example.com")
	c.put(t, a+tlsYAML("shop", "a-tls"))
	w := NewWatcher(c.snapshot("shop"))
	if err := w.Start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	now, err := w.Entries(t.Context())
	if err != nil || len(now) != 1 {
		t.Fatalf("%v, error %v", now, err)
	}
	if diff := cmp.Diff("shop/a-tls, wanted from Issuer shop/own, problem, there", line(now[0])); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	b := certificateYAML("shop", "b", "Issuer", "own", "b.example.com")
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"an issuer comes", func() { c.put(t, own) }, "shop/a-tls, wanted from Issuer shop/own, there"},
		{"a Secret goes", func() { c.remove(t, tlsYAML("shop", "a-tls")) }, "shop/a-tls, wanted from Issuer shop/own"},
		{"an order is begun", func() { c.put(t, orderYAML("shop", "a-tls", "order/1")) }, "shop/a-tls, wanted from Issuer shop/own, order/1"},
		{"a Secret without a request comes first", func() { c.put(t, tlsYAML("shop", "unasked")+tlsYAML("shop", "a-tls")) }, "shop/a-tls, wanted from Issuer shop/own, there, order/1"},
		{"the order ends", func() { c.remove(t, orderYAML("shop", "a-tls", "order/1")) }, "shop/a-tls, wanted from Issuer shop/own, there"},
		{"a request elsewhere comes first", func() { c.put(t, certificateYAML("default", "b", "Issuer", "own", "x.example.com")+b) }, "shop/b-tls, wanted from Issuer shop/own"},
		{"a request goes", func() { c.remove(t, b) }, "shop/b-tls"},
		{"a request asks another", func() { c.put(t, strings.Replace(a, "name: own", "name: other", 1)) }, "shop/a-tls, wanted from Issuer shop/other, problem, there"},
	} {
		step.do()
		select {
		case e := <-w.Changes(t.Context()):
			if diff := cmp.Diff(step.want, line(e)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
		case <-t.Context().Done():
			t.Fatal("the test ended")
		}
	}
}

// TestWatcherOfSecrets: without requests in the cluster, only Secrets are watched.
func TestWatcherOfSecrets(t *testing.T) {
	c := startCluster(t)
	c.put(t, certificateYAML("shop", "a", "Issuer", "own", "a.example.com")+orderYAML("shop", "a-tls", "order/1"))
	w := NewWatcher(c.snapshot(""))
	if err := w.Start(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if entries, err := w.Entries(t.Context()); err != nil || len(entries) != 0 {
		t.Errorf("%v, error %v", entries, err)
	}
	if !w.snapshot.Journalled("order/1") {
		t.Error("the journal is not known")
	}
}

// TestWatcherStart: a kind that may not be listed is noted and not watched; a cluster that
// cannot be read is an error.
func TestWatcherStart(t *testing.T) {
	c := startCluster(t)
	c.Allow = func(r kubetest.Request) bool { return r.Resource != "ingresses" }
	w := NewWatcher(c.snapshot(""))
	if err := w.Start(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"no permission to list ingresses: skipped"}, w.snapshot.Notes()); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	for name, path := range map[string]string{"requests": "/certificates", "issuers": "/clusterissuers"} {
		c := startCluster(t)
		c.Before = func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, path) {
				return errors.New("broken")
			}
			return nil
		}
		if err := NewWatcher(c.snapshot("")).Start(t.Context(), true); err == nil {
			t.Errorf("%s cannot be read, which is not reported", name)
		}
	}
	hung := startCluster(t)
	ctx, end := context.WithCancelCause(t.Context())
	hung.Before = func(r *http.Request) error {
		end(errors.New("the run ends"))
		return errors.New("broken")
	}
	if err := NewWatcher(hung.snapshot("")).Start(ctx, false); err == nil || err.Error() != "the run ends" {
		t.Errorf("error %v", err)
	}
}

// TestPublish: publish does not wait for a receiver that does not exist or has ended.
func TestPublish(t *testing.T) {
	w := NewWatcher(claimSnapshot())
	w.publish([]issuance.Ref{{Namespace: "shop", Name: "a"}})
	ctx, end := context.WithCancel(t.Context())
	if _, err := w.Entries(ctx); err != nil {
		t.Fatal(err)
	}
	end()
	w.publish([]issuance.Ref{{Namespace: "shop", Name: "a"}})
}

// TestFollower: after a reconnect, missing objects are deleted and unusable objects are
// skipped.
func TestFollower(t *testing.T) {
	w := NewWatcher(claimSnapshot())
	f := w.objects()
	f.synced, f.known, f.publish = make(chan struct{}), map[string]compact{}, w.publish
	a := summarize(parseAll(t, certificateYAML("shop", "a", "Issuer", "own", "a.example.com"))[0])
	b := summarize(parseAll(t, certificateYAML("shop", "b", "Issuer", "own", "b.example.com"))[0])
	for _, step := range []struct {
		name string
		do   func() error
		want []string
	}{
		{"all is read", func() error { return f.Replace([]any{a, b, "odd"}, "1") }, []string{"shop/a-tls, wanted from Issuer shop/own, problem", "shop/b-tls, wanted from Issuer shop/own, problem"}},
		{"one is gone after a break", func() error { return f.Replace([]any{b}, "2") }, []string{"shop/b-tls, wanted from Issuer shop/own, problem"}},
		{"nothing new", func() error { return errors.Join(f.Update("odd"), f.Delete("odd"), f.Resync()) }, []string{"shop/b-tls, wanted from Issuer shop/own, problem"}},
		{"one goes", func() error { return f.Delete(b) }, nil},
		{"one comes", func() error { return f.Add(a) }, []string{"shop/a-tls, wanted from Issuer shop/own, problem"}},
		{"all are gone", func() error { return f.Replace(nil, "3") }, nil},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, entries(t, w.snapshot)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}
