package apply

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// serverApplier returns an Applier of a server for tests.
func serverApplier(t *testing.T, s *kubetest.Server) *Applier {
	t.Helper()
	return applierFor(t, s.Config())
}

func applierFor(t *testing.T, config *rest.Config) *Applier {
	t.Helper()
	discovered, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kube.New(config, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovered)), "default")
	if err != nil {
		t.Fatal(err)
	}
	return New(client)
}

func decodeAll(t *testing.T, yaml string) []manifest.Object {
	t.Helper()
	objects, err := manifest.Decode([]byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// TestPrunable: what a set no longer has is pruned, unless the policy retains it
// or a workload reads it. A workload counts as it is about to be.
func TestPrunable(t *testing.T) {
	const reader = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: default}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}], volumes: [{name: v, configMap: {name: READ}}]}}}}`
	s := kubetest.Start(t)
	a := serverApplier(t, s)
	objects := decodeAll(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: kept, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: gone, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: read, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: named, namespace: default}}
---
{apiVersion: v1, kind: Service, metadata: {name: read, namespace: default}, spec: {ports: [{port: 80}]}}
---
`+strings.Replace(reader, "READ", "read", 1))
	outcomes, err := a.Apply(t.Context(), objects, Options{Set: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	retain := func(o manifest.Object) string {
		if o.Name() == "named" {
			return "another names it"
		}
		return ""
	}
	for name, tt := range map[string]struct {
		soon           []manifest.Object // kept besides, and not applied yet
		want, retained []string
	}{
		"as it is": {nil, []string{"Service/default/read", "ConfigMap/default/gone"},
			[]string{"ConfigMap/default/named another names it", "ConfigMap/default/read Deployment/default/api uses it"}},
		"as it is about to be": {decodeAll(t, strings.Replace(reader, "READ", "gone", 1)), []string{"Service/default/read", "ConfigMap/default/read"},
			[]string{"ConfigMap/default/named another names it", "ConfigMap/default/gone Deployment/default/api uses it"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, kept, err := a.Prunable(t.Context(), Pruning{Set: "shop", Keep: append(objects[:1:1], tt.soon...), DryRun: tt.soon != nil, Retain: retain})
			if err != nil {
				t.Fatal(err)
			}
			var ids, retained []string
			for _, o := range got {
				ids = append(ids, o.ID().String())
			}
			for _, r := range kept {
				retained = append(retained, r.ID.String()+" "+r.Reason)
			}
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Errorf("pruned (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.retained, retained); diff != "" {
				t.Errorf("retained (-want +got):\n%s", diff)
			}
		})
	}
	s.Before = func(r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/deployments") {
			return errors.New("broken")
		}
		return nil
	}
	got, kept, err := a.Prunable(t.Context(), Pruning{Set: "shop", Keep: objects[:1], Retain: retain})
	if err == nil || got != nil || len(kept) != 1 {
		t.Errorf("nothing may be pruned while it is unknown what workloads read: %v, retained %v, error %v", got, kept, err)
	}
}

// TestPrune: objects are deleted one after another until one cannot be, and none
// in a dry run.
func TestPrune(t *testing.T) {
	s := kubetest.Start(t)
	a := serverApplier(t, s)
	objects := decodeAll(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: default}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: default}}`)
	if _, err := a.Apply(t.Context(), objects, Options{Set: "shop"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		dryRun             bool
		pruned, left, fail string
	}{
		{dryRun: true, pruned: "a b c", left: "a b c"},
		{pruned: "a", left: "b c", fail: "delete ConfigMap/default/b: "},
	} {
		if tt.fail != "" {
			s.Before = func(r *http.Request) error {
				if r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "/b") {
					return errors.New("broken")
				}
				return nil
			}
		}
		var pruned, left []string
		err := a.Prune(t.Context(), objects, tt.dryRun, func(o manifest.Object) { pruned = append(pruned, o.Name()) })
		if (err != nil) != (tt.fail != "") || err != nil && !strings.HasPrefix(err.Error(), tt.fail) {
			t.Errorf("dry run %t: error %v, want %q", tt.dryRun, err, tt.fail)
		}
		found, _, err := a.LeftOver(t.Context(), "shop", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			left = append(left, o.Name())
		}
		if got := strings.Join(pruned, " "); got != tt.pruned || strings.Join(left, " ") != tt.left {
			t.Errorf("dry run %t: pruned %s, left %v", tt.dryRun, got, left)
		}
	}
}

// TestServed: objects of kinds that the cluster does not serve are apart, by kind.
func TestServed(t *testing.T) {
	a := serverApplier(t, kubetest.Start(t, "cert-manager.io"))
	objects := decodeAll(t, `{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: a}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
---
{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: c}}
---
{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: d}}`)
	served, missing, err := a.Served(objects)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range served {
		got = append(got, "served "+o.ID().String())
	}
	for _, m := range missing {
		for _, o := range m.Objects {
			got = append(got, m.Kind.Kind+" "+o.ID().String())
		}
	}
	want := []string{"served ConfigMap/default/b", "Issuer Issuer/a", "Issuer Issuer/c", "Certificate Certificate/d"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
