package kube

import (
	"context"
	"errors"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/apitest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestWriteDeadline: a deadline ends a write, as --request-timeout asks.
func TestWriteDeadline(t *testing.T) {
	server := apitest.Answers{"DELETE /api/v1/namespaces/shop/configmaps/c1": apitest.Hang}
	c, err := New(apitest.Serve(t, server), apitest.Mapper(schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}), "default")
	if err != nil {
		t.Fatal(err)
	}
	configMap := manifest.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "shop", "name": "c1"}}
	ctx, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	start := time.Now()
	if err := c.Delete(ctx, configMap, false); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > writeGrace {
		t.Errorf("%v after %s", err, time.Since(start))
	}
}
