package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

var configMaps = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}

func configMap(i int) manifest.Object {
	return manifest.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "shop", "name": fmt.Sprintf("c%d", i)}}
}

// TestApplyInterrupted: writes in flight are finished and reported, and none
// is begun after the end of the context.
func TestApplyInterrupted(t *testing.T) {
	const n = 100
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var begun, finished atomic.Int32
	list := body(`{"apiVersion":"v1","kind":"ConfigMapList","items":[]}`)
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodPatch {
			list(w, r)
			return
		}
		if begun.Add(1) == workers { // all workers wait for an answer
			end()
		}
		<-ctx.Done()
		time.Sleep(100 * time.Millisecond)
		finished.Add(1)
		body(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"shop","name":"c"}}`)(w, r)
	})
	c := clientOf(t, server, configMaps)
	var objects []manifest.Object
	for i := range n {
		objects = append(objects, configMap(i))
	}
	outcomes, err := c.Apply(ctx, objects, ApplyOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	applied := 0
	for _, o := range outcomes {
		if o.Result == ResultCreated {
			applied++
		}
		if o.Err != nil || o.Unanswered {
			t.Errorf("%s: %v, unanswered %v", o.ID, o.Err, o.Unanswered)
		}
	}
	if applied != workers || begun.Load() != workers || finished.Load() != workers {
		t.Errorf("%d applied, %d begun, %d finished, want %d of each", applied, begun.Load(), finished.Load(), workers)
	}
}

// TestApplyInterruptedUnanswered: a server that does not answer is not waited
// for beyond the limit, and what it was asked for is reported.
func TestApplyInterruptedUnanswered(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	ctx, release := shutdown.With(ctx, 200*time.Millisecond)
	defer release()
	server := answers{"PATCH /api/v1/namespaces/shop/configmaps/c1": func(w http.ResponseWriter, r *http.Request) { end(); hang(w, r) }}
	c := clientOf(t, server, configMaps)
	start := time.Now()
	outcomes, err := c.Apply(ctx, []manifest.Object{configMap(1)}, ApplyOptions{})
	if !errors.Is(err, context.Canceled) || len(outcomes) != 1 || outcomes[0].Result != "" || !outcomes[0].Unanswered {
		t.Errorf("%+v, %v", outcomes, err)
	}
	if took := time.Since(start); took > writeGrace {
		t.Errorf("took %s", took)
	}
}

// TestWriteDeadline: a deadline ends a write, as --request-timeout asks.
func TestWriteDeadline(t *testing.T) {
	c := clientOf(t, answers{"DELETE /api/v1/namespaces/shop/configmaps/c1": hang}, configMaps)
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	start := time.Now()
	if err := c.Delete(ctx, configMap(1), false); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > writeGrace {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}
