package cluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// Watching is a World that follows the cluster. It is a run.Source.
type Watching struct {
	*World
	changes chan run.Entry
	started bool // entries were given out, changes are told from now on
	follow  []*follower
}

// Watch makes a world that follows the cluster once Entries is called.
func Watch(w *World) *Watching {
	return &Watching{World: w, changes: make(chan run.Entry)}
}

// Entries implements run.Source: it starts to follow the cluster, and returns
// when everything was read once.
func (w *Watching) Entries(ctx context.Context) ([]run.Entry, error) {
	w.board.whole = true
	err := w.eachKind(func(mapping *meta.RESTMapping, namespace string) error {
		resource := w.client.dynamic.Resource(mapping.Resource).Namespace(namespace)
		// What may not be listed is noticed here, not in a log for ever.
		if _, err := resource.List(ctx, metav1.ListOptions{Limit: 1}); err != nil {
			return err
		}
		w.start(ctx, &unstructured.Unstructured{}, &cache.ListWatch{
			ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) { return resource.List(ctx, o) },
			WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
				return resource.Watch(ctx, o)
			},
		}, w.object)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, namespace := range w.namespaces {
		for _, kind := range []corev1.SecretType{corev1.SecretTypeTLS, JournalType} {
			w.start(ctx, &corev1.Secret{}, cache.NewListWatchFromClient(w.secrets.core.RESTClient(), "secrets", namespace,
				fields.OneTermEqualSelector("type", string(kind))), w.secret)
		}
	}
	for _, f := range w.follow {
		select {
		case <-f.synced:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(2 * time.Minute):
			return nil, fmt.Errorf("the cluster does not answer: reading took over 2 minutes")
		}
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	w.started = true
	return w.board.entries(), nil
}

// Changes implements run.Source.
func (w *Watching) Changes(context.Context) <-chan run.Entry { return w.changes }

func (w *Watching) start(ctx context.Context, expected any, lw cache.ListerWatcher, take func(o any, gone bool) []run.Ref) {
	f := &follower{synced: make(chan struct{}), known: map[string]any{}, take: take, tell: func(refs []run.Ref) { w.tell(ctx, refs) }}
	w.follow = append(w.follow, f)
	reflector := cache.NewReflectorWithOptions(lw, expected, f, cache.ReflectorOptions{})
	go reflector.RunWithContext(ctx)
}

// tell sends the entries that a change concerns.
func (w *Watching) tell(ctx context.Context, refs []run.Ref) {
	for _, ref := range refs {
		w.lock.Lock()
		started, entry := w.started, w.board.entry(ref)
		w.lock.Unlock()
		if !started {
			return
		}
		select {
		case w.changes <- entry:
		case <-ctx.Done():
			return
		}
	}
}

func (w *Watching) object(o any, gone bool) []run.Ref {
	u, ok := o.(*unstructured.Unstructured)
	if !ok {
		return nil
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.board.set(manifest.Object(u.Object), gone)
}

func (w *Watching) secret(o any, gone bool) []run.Ref {
	secret, ok := o.(*corev1.Secret)
	switch {
	case !ok:
		return nil
	case !gone:
		return w.take(secret)
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	if secret.Type == JournalType {
		ref, _ := readJournal(secret)
		return w.board.journal(ref, nil)
	}
	return w.board.secret(run.Ref{Namespace: secret.Namespace, Name: secret.Name}, nil)
}

// follower is where a reflector puts what it sees. It keeps of each object only
// what it takes to notice that it is gone.
type follower struct {
	synced chan struct{}
	known  map[string]any
	take   func(o any, gone bool) []run.Ref
	tell   func([]run.Ref)
}

// stub is an object that has only its name.
func stub(o any) (string, any) {
	switch o := o.(type) {
	case *corev1.Secret:
		s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name}, Type: o.Type}
		if o.Type == JournalType {
			s.Annotations = o.Annotations
		}
		return o.Namespace + "/" + o.Name, s
	case *unstructured.Unstructured:
		s := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": o.GetAPIVersion(), "kind": o.GetKind(),
			"metadata": map[string]any{"namespace": o.GetNamespace(), "name": o.GetName()},
		}}
		return o.GetNamespace() + "/" + o.GetName(), s
	}
	return "", nil
}

// Add implements cache.ReflectorStore.
func (f *follower) Add(o any) error { return f.Update(o) }

// Update implements cache.ReflectorStore.
func (f *follower) Update(o any) error {
	key, small := stub(o)
	f.known[key] = small
	f.tell(f.take(o, false))
	return nil
}

// Delete implements cache.ReflectorStore.
func (f *follower) Delete(o any) error {
	key, small := stub(o)
	delete(f.known, key)
	f.tell(f.take(small, true))
	return nil
}

// Replace implements cache.ReflectorStore.
func (f *follower) Replace(all []any, _ string) error {
	gone := f.known
	f.known = map[string]any{}
	for _, o := range all {
		key, small := stub(o)
		delete(gone, key)
		f.known[key] = small
		f.tell(f.take(o, false))
	}
	for _, small := range gone {
		f.tell(f.take(small, true))
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
