package apply

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/apitest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/shutdown"
)

// inFlight is how many requests are under way at once, as in package kube.
const inFlight = 16

var configMaps = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}

// applierOf is a client of a server that has ConfigMaps.
func applierOf(t *testing.T, server http.Handler) *Applier {
	t.Helper()
	client, err := kube.New(apitest.Serve(t, server), apitest.Mapper(configMaps), "default")
	if err != nil {
		t.Fatal(err)
	}
	return New(client)
}

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
	list := apitest.Body(`{"apiVersion":"v1","kind":"ConfigMapList","items":[]}`)
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodPatch {
			list(w, r)
			return
		}
		if begun.Add(1) == inFlight { // all wait for an answer
			end()
		}
		<-ctx.Done()
		time.Sleep(100 * time.Millisecond)
		finished.Add(1)
		apitest.Body(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"shop","name":"c"}}`)(w, r)
	})
	a := applierOf(t, server)
	var objects []manifest.Object
	for i := range n {
		objects = append(objects, configMap(i))
	}
	outcomes, err := a.Apply(ctx, objects, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	applied := 0
	for _, o := range outcomes {
		if o.Result == Created {
			applied++
		}
		if o.Err != nil || o.Unanswered {
			t.Errorf("%s: %v, unanswered %v", o.ID, o.Err, o.Unanswered)
		}
	}
	if applied != inFlight || begun.Load() != inFlight || finished.Load() != inFlight {
		t.Errorf("%d applied, %d begun, %d finished, want %d of each", applied, begun.Load(), finished.Load(), inFlight)
	}
}

// TestApplyInterruptedUnanswered: a server that does not answer is not waited
// for beyond the limit, and the unanswered object is reported.
func TestApplyInterruptedUnanswered(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	ctx, release := shutdown.With(ctx, 200*time.Millisecond)
	defer release()
	server := apitest.Answers{"PATCH /api/v1/namespaces/shop/configmaps/c1": func(w http.ResponseWriter, r *http.Request) { end(); apitest.Hang(w, r) }}
	a := applierOf(t, server)
	start := time.Now()
	outcomes, err := a.Apply(ctx, []manifest.Object{configMap(1)}, Options{})
	if !errors.Is(err, context.Canceled) || len(outcomes) != 1 || outcomes[0].Result != "" || !outcomes[0].Unanswered {
		t.Errorf("%+v, %v", outcomes, err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}
