package apply

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

const widgets = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}
---
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: widgets.example.com}, spec: {group: example.com, scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: [{name: v1}]}}`

// TestWaitEstablished: after the wait, objects of a new kind can be applied. The
// definition is looked for until it is there, and other objects are not.
func TestWaitEstablished(t *testing.T) {
	s := kubetest.Start(t)
	a := serverApplier(t, s)
	objects := decodeAll(t, widgets)
	widget := decode(t, "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w, namespace: default}}")
	if _, err := a.client.Mapping(kube.KindOf(widget)); err == nil {
		t.Fatal("the kind is there already")
	}
	results(t, a, Options{}, objects...)
	looks, before := 0, len(s.Requests())
	s.Before = func(r *http.Request) error {
		if looks++; looks == 1 {
			return apierrors.NewInternalError(errors.New("not yet"))
		}
		return nil
	}
	if err := a.WaitEstablished(t.Context(), objects); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Requests()[before:] {
		if r.Name != "widgets.example.com" {
			t.Errorf("looked for %s", r.Name)
		}
	}
	if looks != 2 {
		t.Errorf("%d looks", looks)
	}
	results(t, a, Options{}, widget)
}

// TestWaitEstablishedInVain: a definition that does not come is an error that
// names it.
func TestWaitEstablishedInVain(t *testing.T) {
	s := kubetest.Start(t)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	s.Before = func(*http.Request) error { end(); return nil }
	err := serverApplier(t, s).WaitEstablished(ctx, decodeAll(t, widgets))
	if err == nil || !strings.Contains(err.Error(), "wait for CustomResourceDefinition/widgets.example.com to be established") {
		t.Errorf("error %v", err)
	}
	if err := serverApplier(t, kubetest.Start(t, "apiextensions.k8s.io")).WaitEstablished(t.Context(), decodeAll(t, widgets)); err == nil {
		t.Error("a cluster without definitions is not an error")
	}
}

func TestIsEstablished(t *testing.T) {
	condition := func(kind, status string) any { return map[string]any{"type": kind, "status": status} }
	for name, tt := range map[string]struct {
		conditions []any
		want       bool
	}{
		"new":         {nil, false},
		"not yet":     {[]any{condition("Established", "False")}, false},
		"named only":  {[]any{condition("NamesAccepted", "True")}, false},
		"established": {[]any{condition("NamesAccepted", "True"), condition("Established", "True")}, true},
		"unreadable":  {[]any{"Established", condition("Established", "False")}, false},
	} {
		u := &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{"conditions": tt.conditions}}}
		if got := isEstablished(u); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
