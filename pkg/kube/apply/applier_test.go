package apply

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/apitest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

func configMapWith(name, value string) manifest.Object {
	return manifest.Object{
		"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{"key": value},
		"metadata": map[string]any{"namespace": "default", "name": name},
	}
}

func newApplier(t *testing.T) *Applier {
	t.Helper()
	client, err := kube.New(kubetest.Start(t).Config(), apitest.Mapper(configMaps, schema.GroupVersionKind{Version: "v1", Kind: "Pod"}), "default")
	if err != nil {
		t.Fatal(err)
	}
	return New(client)
}

func results(t *testing.T, a *Applier, o Options, objects ...manifest.Object) map[string]Result {
	t.Helper()
	outcomes, err := a.Apply(t.Context(), objects, o)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Result{}
	for _, outcome := range outcomes {
		if outcome.Err != nil {
			t.Fatal(outcome.Err)
		}
		got[outcome.ID.Name] = outcome.Result
	}
	return got
}

// TestApply: what is applied is created, unchanged or configured; a dry run
// says so and changes nothing.
func TestApply(t *testing.T) {
	a := newApplier(t)
	for _, step := range []struct {
		options Options
		value   string
		want    Result
	}{
		{Options{Set: "s", DryRun: true}, "1", Created},
		{Options{Set: "s"}, "1", Created},
		{Options{Set: "s"}, "1", Unchanged},
		{Options{Set: "s", DryRun: true}, "2", Configured},
		{Options{Set: "s"}, "1", Unchanged},
		{Options{Set: "s"}, "2", Configured},
		{Options{Set: "other"}, "2", Configured},
	} {
		if diff := cmp.Diff(map[string]Result{"a": step.want}, results(t, a, step.options, configMapWith("a", step.value))); diff != "" {
			t.Errorf("%+v, value %s (-want +got):\n%s", step.options, step.value, diff)
		}
	}
}

// TestPreview: the preview has what is there and what would be, of objects that
// are new, changed and as wanted.
func TestPreview(t *testing.T) {
	a := newApplier(t)
	results(t, a, Options{Set: "s"}, configMapWith("same", "1"), configMapWith("changed", "1"))
	p, err := a.Preview(t.Context(), []manifest.Object{configMapWith("same", "1"), configMapWith("changed", "2"), configMapWith("new", "1")})
	if err != nil {
		t.Fatal(err)
	}
	values := func(objects []manifest.Object) []string {
		var list []string
		for _, o := range objects {
			value, _ := o.Map("data")["key"].(string)
			list = append(list, o.Name()+"="+value)
		}
		slices.Sort(list)
		return list
	}
	if diff := cmp.Diff([]string{"changed=1", "same=1"}, values(p.Live)); diff != "" {
		t.Errorf("live (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"changed=2", "new=1", "same=1"}, values(p.After)); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}

// TestPrunable: objects of the set that are not kept may be deleted, except for
// those that the policy retains and those that a pod reads.
func TestPrunable(t *testing.T) {
	a := newApplier(t)
	results(t, a, Options{Set: "s"}, configMapWith("kept", "1"), configMapWith("gone", "1"), configMapWith("retained", "1"), configMapWith("read", "1"))
	results(t, a, Options{Set: "other"}, configMapWith("another", "1"))
	results(t, a, Options{}, manifest.Object{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"namespace": "default", "name": "web"},
		"spec": map[string]any{"volumes": []any{map[string]any{"name": "v", "configMap": map[string]any{"name": "read"}}}},
	})
	objects, retained, err := a.Prunable(t.Context(), Pruning{
		Set: "s", Keep: []manifest.Object{configMapWith("kept", "1")},
		Retain: func(o manifest.Object) string {
			if o.Name() == "retained" {
				return "policy"
			}
			return ""
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != 1 || objects[0].Name() != "gone" {
		t.Errorf("prunable: %v", objects)
	}
	got := map[string]string{}
	for _, r := range retained {
		got[r.ID.Name] = r.Reason
	}
	want := map[string]string{"retained": "policy", "read": "Pod/default/web reads it"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("retained (-want +got):\n%s", diff)
	}
}
