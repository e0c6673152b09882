package apply

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestLeftOver: what is left over of a set is found once each, also where the
// cluster lacks kinds. What may not be read is reported.
func TestLeftOver(t *testing.T) {
	const secret = `{apiVersion: v1, kind: Namespace, metadata: {name: kube-system}}
---
{apiVersion: v1, kind: Secret, metadata: {name: custom-ca-trust-secret, namespace: kube-system}}
---
{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: kube-system}}`
	const own = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}
---
{apiVersion: v1, kind: Service, metadata: {name: b, namespace: default}, spec: {ports: [{port: 80}]}}`
	forbidden := func(verb, resource string) func(kubetest.Request) bool {
		return func(r kubetest.Request) bool { return r.Verb != verb || r.Resource != resource }
	}
	for name, tt := range map[string]struct {
		absent  []string
		allow   func(kubetest.Request) bool
		objects string
		keep    int
		set     string
		want    []string
		unread  []string
		fails   bool
	}{
		"all":              {want: []string{"ConfigMap/default/a", "Service/default/b"}},
		"but what is kept": {keep: 1, want: []string{"Service/default/b"}},
		"of another set":   {set: "other"},
		"kinds not served": {absent: []string{"cert-manager.io", "gateway.networking.k8s.io"}, want: []string{"ConfigMap/default/a", "Service/default/b"}},
		"Services not read": {allow: forbidden("list", "services"), want: []string{"ConfigMap/default/a"},
			unread: []string{"Service objects are not pruned: listing them in all namespaces is forbidden"}},
		"ConfigMaps not read": {allow: forbidden("list", "configmaps"), want: []string{"Service/default/b"},
			unread: []string{"ConfigMap objects are not pruned: listing them in all namespaces is forbidden"}},
		"issuers not read":   {allow: forbidden("list", "issuers"), fails: true},
		"Secret":             {objects: secret, want: []string{"Secret/kube-system/custom-ca-trust-secret"}},
		"Secret of another":  {objects: secret, set: "other"},
		"Secrets not listed": {objects: secret, allow: forbidden("list", "secrets"), want: []string{"Secret/kube-system/custom-ca-trust-secret"}},
		"Secret not read": {objects: secret, allow: forbidden("get", "secrets"),
			unread: []string{"Secret/kube-system/custom-ca-trust-secret is not pruned: reading it is forbidden"}},
		"two versions serve it": {
			objects: `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: clustertrustbundles.certificates.k8s.io}, spec: {group: certificates.k8s.io, scope: Cluster, names: {kind: ClusterTrustBundle, plural: clustertrustbundles}, versions: [{name: v1beta1}, {name: v1}]}}
---
{apiVersion: certificates.k8s.io/v1beta1, kind: ClusterTrustBundle, metadata: {name: roots}, spec: {trustBundle: x}}`,
			want: []string{"ClusterTrustBundle/roots"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := kubetest.Start(t, tt.absent...)
			a := serverApplier(t, s)
			source, set := own, "s"
			if tt.objects != "" {
				source = tt.objects
			}
			if tt.set != "" {
				set = tt.set
			}
			objects := decodeAll(t, source)
			for _, o := range objects { // one after the other: a definition comes before its objects
				results(t, a, Options{Set: "s"}, o)
			}
			a.client.Reset()
			s.Allow = tt.allow
			found, unread, err := a.LeftOver(t.Context(), set, objects[:tt.keep])
			if (err != nil) != tt.fails {
				t.Fatalf("error %v", err)
			}
			var notes []string
			for _, r := range unread {
				notes = append(notes, r.String())
			}
			if diff := cmp.Diff(tt.unread, notes); diff != "" {
				t.Errorf("not read (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, names(found)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func names(objects []manifest.Object) []string {
	var ids []string
	for _, o := range objects {
		ids = append(ids, o.ID().String())
	}
	slices.Sort(ids)
	return ids
}

// TestLeftOverUnknown: if a list fails, leftover objects are unknown.
func TestLeftOverUnknown(t *testing.T) {
	s := kubetest.Start(t)
	s.Before = func(*http.Request) error { return apierrors.NewInternalError(errors.New("broken")) }
	if found, _, err := serverApplier(t, s).LeftOver(t.Context(), "s", nil); err == nil || found != nil {
		t.Errorf("%v, error %v", found, err)
	}
}
