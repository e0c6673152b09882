package watch

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
)

// BenchmarkSecrets reports the memory that 10,000 TLS Secrets take when they are
// watched, as the Watcher does and with informers.
func BenchmarkSecrets(b *testing.B) {
	const n = 10_000
	root := catest.Root("root")
	chain, key := catest.PEM(root.Leaf("a.example.com"), root), make([]byte, 227)
	secrets := &cache.ListWatch{WatchFunc: func(metav1.ListOptions) (watch.Interface, error) {
		events := watch.NewFake()
		go func() {
			for i := range n {
				events.Add(&corev1.Secret{
					ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: fmt.Sprint("s", i), ResourceVersion: fmt.Sprint(i)},
					Type:       corev1.SecretTypeTLS,
					Data:       map[string][]byte{"tls.crt": append([]byte{}, chain...), "tls.key": append([]byte{}, key...)},
				})
			}
			events.Action(watch.Bookmark, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
				ResourceVersion: fmt.Sprint(n), Annotations: map[string]string{metav1.InitialEventsAnnotationKey: "true"}}})
		}()
		return events, nil
	}, ListFunc: func(metav1.ListOptions) (kruntime.Object, error) { return nil, nil }} // not called: the watch begins with all Secrets
	for name, start := range map[string]func(context.Context, *Watcher) (keep any){
		"own": func(ctx context.Context, w *Watcher) any {
			if err := w.start(ctx, &corev1.Secret{}, secrets, w.tlsSecrets()); err != nil {
				b.Fatal(err)
			}
			return nil
		},
		"informer-of-summaries": func(ctx context.Context, w *Watcher) any { return inform(b, ctx, w, secrets, true) },
		"informer":              func(ctx context.Context, w *Watcher) any { return inform(b, ctx, w, secrets, false) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before := heap()
				ctx, cancel := context.WithCancel(b.Context())
				w := NewWatcher(claimSnapshot())
				keep := start(ctx, w)
				b.ReportMetric(float64(heap()-before)/(1<<20), "MiB")
				if known := len(w.snapshot.index.secrets); known != n {
					b.Fatalf("%d Secrets are known", known)
				}
				runtime.KeepAlive(keep)
				cancel()
			}
		})
	}
}

// heap returns the memory of what is in use.
func heap() int64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools release
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// inform fills the index of a Watcher from an informer of Secrets, or of their
// summaries.
func inform(b *testing.B, ctx context.Context, w *Watcher, secrets cache.ListerWatcher, summaries bool) cache.SharedInformer {
	b.Helper()
	f := w.tlsSecrets()
	informer := cache.NewSharedInformer(secrets, &corev1.Secret{}, 0)
	if summaries {
		if err := informer.SetTransform(f.Transformer()); err != nil {
			b.Fatal(err)
		}
	}
	registered, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(o any) { f.take(f.small(o)) }})
	if err != nil {
		b.Fatal(err)
	}
	go informer.RunWithContext(ctx)
	if !cache.WaitForCacheSync(ctx.Done(), registered.HasSynced) {
		b.Fatal(ctx.Err())
	}
	return informer
}
