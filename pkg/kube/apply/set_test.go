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
// cluster lacks kinds, and where listing core objects is forbidden.
func TestLeftOver(t *testing.T) {
	const own = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}
---
{apiVersion: v1, kind: Service, metadata: {name: b, namespace: default}, spec: {ports: [{port: 80}]}}`
	forbidden := func(resource string) func(kubetest.Request) bool {
		return func(r kubetest.Request) bool { return r.Verb != "list" || r.Resource != resource }
	}
	for name, tt := range map[string]struct {
		absent  []string
		allow   func(kubetest.Request) bool
		objects string
		keep    int
		set     string
		want    []string
		fails   bool
	}{
		"all":                {want: []string{"ConfigMap/default/a", "Service/default/b"}},
		"but what is kept":   {keep: 1, want: []string{"Service/default/b"}},
		"of another set":     {set: "other"},
		"kinds not served":   {absent: []string{"cert-manager.io", "gateway.networking.k8s.io"}, want: []string{"ConfigMap/default/a", "Service/default/b"}},
		"core not seen":      {allow: forbidden("services"), want: []string{"ConfigMap/default/a"}},
		"core not seen, yet": {allow: forbidden("configmaps"), want: []string{"Service/default/b"}},
		"issuers not seen":   {allow: forbidden("issuers"), fails: true},
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
			found, err := a.LeftOver(t.Context(), set, objects[:tt.keep])
			if (err != nil) != tt.fails {
				t.Fatalf("error %v", err)
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
	if found, err := serverApplier(t, s).LeftOver(t.Context(), "s", nil); err == nil || found != nil {
		t.Errorf("%v, error %v", found, err)
	}
}
