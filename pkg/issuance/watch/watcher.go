package watch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Watcher watches the cluster. It implements issuance.Source.
type Watcher struct {
	snapshot *Snapshot
	changes  chan issuance.Entry
	// subscriber is the context of the receiver of changes, nil if there is none yet.
	subscriber context.Context
	// Say is called with a message when watching a kind starts later. Set it before Start.
	Say func(string)
}

// NewWatcher returns a Watcher, which Start starts.
func NewWatcher(w *Snapshot) *Watcher {
	return &Watcher{snapshot: w, changes: make(chan issuance.Entry), Say: func(string) {}}
}

// Start watches Secrets, and requests if demand is set, until the context ends. It returns
// after the first complete list. Kinds that are served later are watched from then on.
func (w *Watcher) Start(ctx context.Context, demand bool) error {
	if demand {
		w.snapshot.index.whole = true
		absent, err := w.snapshot.eachKind(func(mapping *meta.RESTMapping, namespace string) error { return w.followKind(ctx, mapping, namespace) })
		if err != nil {
			return err
		}
		go w.followLater(ctx, absent)
	}
	for _, namespace := range w.snapshot.namespaces {
		for _, kind := range []corev1.SecretType{corev1.SecretTypeTLS, v1alpha1.JournalType} {
			err := w.start(ctx, &corev1.Secret{}, cache.NewListWatchFromClient(w.snapshot.core.RESTClient(), "secrets", namespace,
				fields.OneTermEqualSelector("type", string(kind))), w.tlsSecrets())
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// crdPatience is the interval of the search for new CRDs.
const crdPatience = 15 * time.Second

// followLater watches kinds once they are served.
func (w *Watcher) followLater(ctx context.Context, absent []schema.GroupVersionKind) {
	ticks := time.NewTicker(crdPatience)
	defer ticks.Stop()
	for len(absent) > 0 {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
		known := served(ctx, w.snapshot.core, absent)
		if len(known) > 0 {
			w.snapshot.client.Reset()
		}
		for _, kind := range known {
			following, stop := context.WithCancel(ctx)
			note, err := w.snapshot.oneKind(kind, func(mapping *meta.RESTMapping, namespace string) error {
				return w.followKind(following, mapping, namespace)
			})
			if err != nil {
				stop() // the next attempt starts again
				w.Say(err.Error())
				continue
			}
			context.AfterFunc(ctx, stop)
			absent = slices.DeleteFunc(absent, func(k schema.GroupVersionKind) bool { return k == kind })
			w.Say(cmp.Or(note, "watching "+kind.Kind+" from now on"))
		}
	}
}

func (w *Watcher) followKind(ctx context.Context, mapping *meta.RESTMapping, namespace string) error {
	resource := w.snapshot.client.Resource(mapping, namespace)
	// A missing permission is reported here, not repeatedly by the reflector.
	if _, err := resource.List(ctx, metav1.ListOptions{Limit: 1}); err != nil {
		return err
	}
	return w.start(ctx, &unstructured.Unstructured{}, &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return resource.List(ctx, o) },
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return resource.Watch(ctx, o)
		},
	}, w.objects())
}

// Entries implements issuance.Source with the current state. Changes are sent from now on,
// until the context ends.
func (w *Watcher) Entries(ctx context.Context) ([]issuance.Entry, error) {
	w.snapshot.lock.Lock()
	defer w.snapshot.lock.Unlock()
	w.subscriber = ctx
	return w.snapshot.index.entries(), nil
}

// Changes implements issuance.Source.
func (w *Watcher) Changes(context.Context) <-chan issuance.Entry { return w.changes }

// start watches one kind and returns after its first complete list. Kinds are listed one after
// another to save memory.
func (w *Watcher) start(ctx context.Context, expected any, lw cache.ListerWatcher, f follower) error {
	f.synced, f.known = make(chan struct{}), map[string]compact{}
	f.publish = w.publish
	reflector := cache.NewReflectorWithOptions(lw, expected, &f, cache.ReflectorOptions{})
	go reflector.RunWithContext(ctx)
	select {
	case <-f.synced:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(2 * time.Minute):
		return errors.New("no answer from the cluster within 2 minutes")
	}
}

// publish sends the entries that a change affects.
func (w *Watcher) publish(refs []issuance.Ref) {
	for _, ref := range refs {
		w.snapshot.lock.Lock()
		subscriber, entry := w.subscriber, w.snapshot.index.entry(ref)
		w.snapshot.lock.Unlock()
		if subscriber == nil || subscriber.Err() != nil {
			return // the next subscriber reads all entries
		}
		select {
		case w.changes <- entry:
		case <-subscriber.Done():
			return
		}
	}
}

// objects returns a follower of requests, issuers and routes.
func (w *Watcher) objects() follower {
	return follower{
		shrink: func(o any) compact {
			if u, ok := o.(*unstructured.Unstructured); ok {
				return summarize(manifest.Object(u.Object))
			}
			return nil
		},
		take: func(c compact) []issuance.Ref {
			w.snapshot.lock.Lock()
			defer w.snapshot.lock.Unlock()
			return w.snapshot.index.set(c.(*objectSummary))
		},
	}
}

// tlsSecrets returns a follower of Secrets and journals.
func (w *Watcher) tlsSecrets() follower {
	return follower{
		shrink: func(o any) compact {
			if secret, ok := o.(*corev1.Secret); ok {
				return summarizeSecret(secret)
			}
			return nil
		},
		take: func(c compact) []issuance.Ref {
			w.snapshot.lock.Lock()
			defer w.snapshot.lock.Unlock()
			return w.snapshot.index.note(c.(*secretSummary))
		},
	}
}

// compact is the summary of an object. It has a namespace and a name.
type compact interface {
	metav1.Object
	// deleted returns the summary of the deleted object.
	deleted() compact
}

func (r *objectSummary) deleted() compact { return &objectSummary{ObjectMeta: r.ObjectMeta, id: r.id} }

func (s *secretSummary) deleted() compact {
	g := &secretSummary{ObjectMeta: s.ObjectMeta, ref: s.ref}
	if s.journal != nil {
		g.journal = &issuance.Journal{}
	}
	return g
}

// follower is the store of a reflector. It summarizes objects when they arrive.
type follower struct {
	synced  chan struct{}
	known   map[string]compact // without content
	shrink  func(o any) compact
	take    func(compact) []issuance.Ref
	publish func([]issuance.Ref)
}

// Transformer implements cache.TransformingStore.
func (f *follower) Transformer() cache.TransformFunc {
	return func(o any) (any, error) { return f.small(o), nil }
}

func (f *follower) small(o any) compact {
	if c, ok := o.(compact); ok {
		return c
	}
	return f.shrink(o)
}

// Add implements cache.ReflectorStore.
func (f *follower) Add(o any) error { return f.Update(o) }

// Update implements cache.ReflectorStore.
func (f *follower) Update(o any) error {
	if c := f.small(o); c != nil {
		f.known[c.GetNamespace()+"/"+c.GetName()] = c.deleted()
		f.publish(f.take(c))
	}
	return nil
}

// Delete implements cache.ReflectorStore.
func (f *follower) Delete(o any) error {
	if c := f.small(o); c != nil {
		delete(f.known, c.GetNamespace()+"/"+c.GetName())
		f.publish(f.take(c.deleted()))
	}
	return nil
}

// Replace implements cache.ReflectorStore.
func (f *follower) Replace(all []any, _ string) error {
	gone := f.known
	f.known = make(map[string]compact, len(all))
	for _, o := range all {
		if c := f.small(o); c != nil {
			delete(gone, c.GetNamespace()+"/"+c.GetName())
			_ = f.Update(c)
		}
	}
	for _, c := range gone {
		f.publish(f.take(c))
	}
	select {
	case <-f.synced:
	default:
		close(f.synced)
	}
	return nil
}

// Resync implements cache.ReflectorStore.
func (f *follower) Resync() error { return nil }
