package apply

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// rig is a cluster in which several tools apply the same object.
type rig struct {
	*Applier
	mapped func(manifest.Object) dynamic.ResourceInterface
}

func newRig(t *testing.T, config *rest.Config) rig {
	t.Helper()
	a := applierFor(t, config)
	resource := func(o manifest.Object) dynamic.ResourceInterface {
		mapping, err := a.client.Mapping(kube.KindOf(o))
		if err != nil {
			t.Fatal(err)
		}
		return a.client.Resource(mapping, o.Namespace())
	}
	return rig{a, resource}
}

// visible is what a person sees of an object in a diff.
func visible(o manifest.Object) manifest.Object {
	o = withoutServerFields(o)
	if o == nil {
		return nil
	}
	metadata := o.Map("metadata")
	for _, in := range []string{"annotations", "labels"} {
		if m, _ := metadata[in].(map[string]any); len(m) == 0 {
			delete(metadata, in)
		}
	}
	return o
}

// sequences applies objects with random tools in random order, and compares what
// the preview says with what apply then changes.
func sequences(t *testing.T, r rig, number, kinds int) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CERTS_SEED"); text != "" {
		seed, _ = strconv.ParseUint(text, 10, 64)
	}
	t.Logf("to repeat it: CERTS_SEED=%d", seed)
	for i := range number {
		moves := rand.New(rand.NewPCG(seed, uint64(i)))
		tools := allTools()
		tools["kubectl edit"] = edit(moves)
		names := []string{"kubectl apply", "kubectl apply --server-side", "kubectl edit", "Argo CD", "Argo CD, server-side", "Flux", "Helm 3", "Helm 4"}
		name := fmt.Sprintf("random-%d", i)
		kind := i % kinds
		var steps []string
		for range 3 + moves.IntN(4) {
			o := randomObject(moves, kind, name)
			who := names[moves.IntN(len(names))]
			if moves.IntN(3) > 0 {
				steps = append(steps, who)
				if err := tools[who](t.Context(), r, o); err != nil {
					t.Fatalf("%s: %v: %v", name, steps, err)
				}
				o = randomObject(moves, kind, name)
			}
			steps = append(steps, "kubectl certs apply")
			if diff := previewed(t, r, o); diff != "" {
				t.Fatalf("%s: %s:\n%s", name, strings.Join(steps, ", "), diff)
			}
		}
	}
}

// previewed applies an object, and returns how the preview and the dry run
// differ from what applying it really changed.
func previewed(t *testing.T, r rig, o manifest.Object) string {
	t.Helper()
	p, err := r.Preview(t.Context(), []manifest.Object{o})
	if err != nil {
		t.Fatal(err)
	}
	force := len(p.Conflicts) > 0
	dry, err := r.Apply(t.Context(), []manifest.Object{o}, Options{Force: force, DryRun: true})
	if err := errors.Join(err, dry[0].Err); err != nil {
		t.Fatal(err)
	}
	if force {
		refused, err := r.Apply(t.Context(), []manifest.Object{o}, Options{})
		if err != nil || len(conflictsOf(errors.Unwrap(refused[0].Err))) == 0 {
			return fmt.Sprintf("the preview has conflicts, apply has none: %v, %v", p.Conflicts, err)
		}
	}
	done, err := r.Apply(t.Context(), []manifest.Object{o}, Options{Force: force})
	if err := errors.Join(err, done[0].Err); err != nil {
		return fmt.Sprintf("the preview has no conflicts, apply has: %v", err)
	}
	live, err := r.client.Read(t.Context(), []manifest.Object{o})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Live) == 0 { // the preview shows it as desired, without the defaults of the server
		return ""
	}
	if diff := cmp.Diff(visible(live[o.ID()]), visible(p.After[0])); diff != "" {
		return "the preview (-applied +previewed):\n" + diff
	}
	if done[0].Result != dry[0].Result {
		return fmt.Sprintf("the dry run says %s, apply %s", dry[0].Result, done[0].Result)
	}
	changed := cmp.Diff(visible(p.Live[0]), visible(p.After[0])) != ""
	if want := done[0].Result != Unchanged; changed != want {
		return fmt.Sprintf("apply says %s, the preview shows a change: %t", done[0].Result, changed)
	}
	for path, value := range desired(o) {
		if got := desired(live[o.ID()])[path]; got != value {
			return fmt.Sprintf("%s is %q, want %q", path, got, value)
		}
	}
	return ""
}

// desired has the annotations and labels of an object.
func desired(o manifest.Object) map[string]string {
	all := map[string]string{}
	for _, in := range []string{"annotations", "labels"} {
		m, _ := o.Map("metadata")[in].(map[string]any)
		for key, value := range m {
			all[in+"."+key], _ = value.(string)
		}
	}
	return all
}

// TestPreviewIsApply, and TestLivePreviewIsApply on a real API server: whatever
// tools applied an object before, the preview shows what apply changes.
func TestPreviewIsApply(t *testing.T) {
	sequences(t, newRig(t, kubetest.Start(t).Config()), 80, 3)
}

func TestLivePreviewIsApply(t *testing.T) {
	sequences(t, newRig(t, liveConfig(t, "--crds", "cert-manager")), 240, 4)
}

func liveConfig(t *testing.T, options ...string) *rest.Config {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(labtest.Start(t, options...).Dir, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// TestHandover, and TestLiveHandover on a real API server: a field that is no
// longer in the manifests is removed, whatever tool applied it; the tool keeps
// its marks, and applies the same manifests again without a conflict.
func TestHandover(t *testing.T) { handover(t, newRig(t, kubetest.Start(t).Config())) }

func TestLiveHandover(t *testing.T) { handover(t, newRig(t, liveConfig(t))) }

func handover(t *testing.T, r rig) {
	ingress := func(name string, annotations map[string]any, service string) manifest.Object {
		return manifest.Object{
			"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
			"metadata": map[string]any{"namespace": "default", "name": name, "annotations": annotations},
			"spec": map[string]any{"defaultBackend": map[string]any{
				"service": map[string]any{"name": service, "port": map[string]any{"number": int64(80)}},
			}},
		}
	}
	number := 0
	tools := allTools()
	tools["kubectl apply --server-side"] = serverSide("kubectl", false, unmarked)
	for name, tool := range tools {
		number++
		object := fmt.Sprintf("handover-%d", number)
		t.Run(name, func(t *testing.T) {
			first := ingress(object, map[string]any{"example.com/a": "1", "example.com/b": "1"}, "tea")
			second := ingress(object, map[string]any{"example.com/a": "1"}, "coffee")
			if err := tool(t.Context(), r, first); err != nil {
				t.Fatal(err)
			}
			marks := marksOf(t, r, first)
			if diff := previewed(t, r, second); diff != "" {
				t.Fatal(diff)
			}
			live, err := r.client.Read(t.Context(), []manifest.Object{second})
			if err != nil {
				t.Fatal(err)
			}
			annotations := desired(live[second.ID()])
			if _, left := annotations["annotations.example.com/b"]; left {
				t.Error("the annotation is left")
			}
			if diff := cmp.Diff(marks, marksOf(t, r, second)); diff != "" {
				t.Errorf("the marks of the tool (-before +after):\n%s", diff)
			}
			if err := tool(t.Context(), r, second); err != nil {
				t.Errorf("the tool applies the same: %v", err)
			}
			outcomes, err := r.Apply(t.Context(), []manifest.Object{second}, Options{})
			if err := errors.Join(err, outcomes[0].Err); err != nil || outcomes[0].Result != Unchanged {
				t.Errorf("we apply the same: %q, %v", outcomes[0].Result, err)
			}
		})
	}
}

// marksOf are the keys of labels and annotations that are not from the manifest.
func marksOf(t *testing.T, r rig, o manifest.Object) map[string]bool {
	t.Helper()
	live, err := r.client.Read(t.Context(), []manifest.Object{o})
	if err != nil {
		t.Fatal(err)
	}
	marks := map[string]bool{}
	for path := range desired(live[o.ID()]) {
		if !strings.Contains(path, ".example.com/") {
			marks[path] = true
		}
	}
	return marks
}

// TestLastAppliedIsNotShown: the annotation of kubectl apply has the whole object,
// also the data of a Secret, which a diff must not show.
func TestLastAppliedIsNotShown(t *testing.T) {
	r := newRig(t, kubetest.Start(t).Config())
	before, after := configMapWith("a", "hidden"), configMapWith("a", "new")
	if err := clientSide("kubectl-client-side-apply")(t.Context(), r, before); err != nil {
		t.Fatal(err)
	}
	p, err := r.Preview(t.Context(), []manifest.Object{after})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range append(p.Live, p.After...) {
		if annotations := o.Map("metadata")["annotations"]; annotations != nil {
			t.Errorf("annotations %v", annotations)
		}
	}
}
