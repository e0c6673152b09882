package apply

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

func configMapWith(name, value string) manifest.Object {
	return manifest.Object{
		"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{"key": value},
		"metadata": map[string]any{"namespace": "default", "name": name},
	}
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
	a := serverApplier(t, kubetest.Start(t))
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
	a := serverApplier(t, kubetest.Start(t))
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
