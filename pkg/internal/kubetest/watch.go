package kubetest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
)

// watcher sends changes to one client.
type watcher struct {
	call     *call
	out      *json.Encoder
	flush    func() error
	selected func(*unstructured.Unstructured) bool
	version  int64 // of the last change that was sent
}

// watch sends changes until the request or the server ends. A watch without a
// version, and one that asks for it, begins with the objects as they are.
func (c *call) watch(w http.ResponseWriter, ctx context.Context, done <-chan struct{}) {
	selected, err := c.selector()
	if err != nil {
		fail(w, err)
		return
	}
	version, err := strconv.ParseInt("0"+c.query.Get("resourceVersion"), 10, 64)
	if err != nil {
		fail(w, apierrors.NewBadRequest(err.Error()))
		return
	}
	if seconds, _ := strconv.Atoi(c.query.Get("timeoutSeconds")); seconds > 0 {
		timed, stop := context.WithTimeout(ctx, time.Duration(seconds)*time.Second)
		defer stop()
		ctx = timed
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	out := &watcher{call: c, out: json.NewEncoder(w), flush: http.NewResponseController(w).Flush, selected: selected, version: version}
	initial := c.query.Get("sendInitialEvents") == "true"
	if initial || version == 0 {
		out.initial(initial)
	}
	for out.flush() == nil {
		changes, next := c.store.since(out.version)
		if len(changes) > 0 {
			out.send(changes)
			continue
		}
		select {
		case <-next:
		case <-ctx.Done():
			return
		case <-done:
			return
		}
	}
}

// initial sends the objects as they are, and a bookmark that says so.
func (w *watcher) initial(bookmark bool) {
	w.call.store.lock.Lock()
	defer w.call.store.lock.Unlock()
	for _, o := range w.call.store.all(w.call.kind, w.call.namespace) {
		if w.selected(o) {
			w.event(watch.Added, o)
		}
	}
	w.version = w.call.store.version
	if bookmark {
		o := &unstructured.Unstructured{}
		o.SetGroupVersionKind(w.call.kind.GroupVersionKind)
		o.SetResourceVersion(strconv.FormatInt(w.version, 10))
		o.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
		w.event(watch.Bookmark, o)
	}
}

// send sends changes. An object that the request no longer selects is deleted
// for it.
func (w *watcher) send(changes []change) {
	for _, c := range changes {
		w.version = c.version
		if c.kind.groupResource() != w.call.kind.groupResource() {
			continue
		}
		before, after := w.sees(c.before), w.sees(c.after)
		switch {
		case before && after:
			w.event(watch.Modified, c.after)
		case after:
			w.event(watch.Added, c.after)
		case before:
			last := c.before.DeepCopy()
			last.SetResourceVersion(strconv.FormatInt(c.version, 10))
			w.event(watch.Deleted, last)
		}
	}
}

func (w *watcher) sees(o *unstructured.Unstructured) bool {
	return o != nil && (w.call.namespace == "" || o.GetNamespace() == w.call.namespace) && w.selected(o)
}

func (w *watcher) event(t watch.EventType, o *unstructured.Unstructured) {
	_ = w.out.Encode(map[string]any{"type": t, "object": o.Object}) // a client that left is noticed by flush
}
