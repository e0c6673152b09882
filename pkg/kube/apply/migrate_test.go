package apply

import (
	"context"
	"encoding/json"
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
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
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

// A tool applies an object as it does by default.
type tool func(ctx context.Context, r rig, o manifest.Object) error

// clientSide is client-side apply, as kubectl and Argo CD do it.
func clientSide(manager string) tool {
	return func(ctx context.Context, r rig, o manifest.Object) error {
		plain, err := json.Marshal(o)
		if err != nil {
			return err
		}
		o = marked(o, "annotations", corev1.LastAppliedConfigAnnotation, string(plain))
		return threeWay(ctx, r, manager, o, func(live *unstructured.Unstructured) string {
			return live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
		})
	}
}

// helm merges with what it applied before, which it keeps elsewhere.
func helm() tool {
	before := map[manifest.ID]string{}
	return func(ctx context.Context, r rig, o manifest.Object) error {
		o = marked(marked(o, "annotations", "meta.helm.sh/release-name", "cafe"), "labels", "app.kubernetes.io/managed-by", "Helm")
		plain, err := json.Marshal(o)
		if err != nil {
			return err
		}
		original := before[o.ID()]
		before[o.ID()] = string(plain)
		return threeWay(ctx, r, "helm", o, func(*unstructured.Unstructured) string { return original })
	}
}

// threeWay patches a live object with the changes from the original to o.
func threeWay(ctx context.Context, r rig, manager string, o manifest.Object, original func(*unstructured.Unstructured) string) error {
	client := r.mapped(o)
	modified, err := json.Marshal(o)
	if err != nil {
		return err
	}
	live, err := client.Get(ctx, o.Name(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = client.Create(ctx, &unstructured.Unstructured{Object: o.Clone()}, metav1.CreateOptions{FieldManager: manager})
		return err
	}
	if err != nil {
		return err
	}
	was := original(live)
	current, err := live.MarshalJSON()
	if err != nil {
		return err
	}
	kind := types.StrategicMergePatchType
	var patch []byte
	if schema, unknown := scheme.Scheme.New(kube.KindOf(o)); unknown != nil {
		kind = types.MergePatchType
		patch, err = jsonmergepatch.CreateThreeWayJSONMergePatch([]byte(was), modified, current)
	} else {
		meta, schemaErr := strategicpatch.NewPatchMetaFromStruct(schema)
		if schemaErr != nil {
			return schemaErr
		}
		patch, err = strategicpatch.CreateThreeWayMergePatch([]byte(was), modified, current, meta, true)
	}
	if err != nil {
		return err
	}
	_, err = client.Patch(ctx, o.Name(), kind, patch, metav1.PatchOptions{FieldManager: manager})
	return err
}

// serverSide is server-side apply.
func serverSide(manager string, force bool, mark func(manifest.Object) manifest.Object) tool {
	return func(ctx context.Context, r rig, o manifest.Object) error {
		_, err := r.client.Apply(ctx, mark(o), metav1.ApplyOptions{FieldManager: manager, Force: force})
		return err
	}
}

func unmarked(o manifest.Object) manifest.Object { return o }

func marked(o manifest.Object, in, key, value string) manifest.Object {
	o = o.Clone()
	metadata := o.Map("metadata")
	m, _ := metadata[in].(map[string]any)
	if m == nil {
		m = map[string]any{}
		metadata[in] = m
	}
	m[key] = value
	return o
}

func allTools() map[string]tool {
	return map[string]tool{
		"kubectl apply":               clientSide("kubectl-client-side-apply"),
		"kubectl apply --server-side": serverSide("kubectl", true, unmarked),
		"Argo CD":                     clientSide("argocd-controller"),
		"Argo CD, server-side": serverSide("argocd-controller", true, func(o manifest.Object) manifest.Object {
			return marked(o, "annotations", "argocd.argoproj.io/tracking-id", "cafe")
		}),
		"Flux": serverSide("kustomize-controller", true, func(o manifest.Object) manifest.Object {
			return marked(o, "labels", "kustomize.toolkit.fluxcd.io/name", "cafe")
		}),
		"Helm 3": helm(),
		"Helm 4": serverSide("helm", true, func(o manifest.Object) manifest.Object {
			return marked(o, "labels", "app.kubernetes.io/managed-by", "Helm")
		}),
	}
}

// edit is kubectl edit: a person adds, changes and removes a field.
func edit(moves *rand.Rand) tool {
	return func(ctx context.Context, r rig, o manifest.Object) error {
		live, err := r.mapped(o).Get(ctx, o.Name(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		key := "example.com/" + string(rune('a'+moves.IntN(3)))
		annotations := live.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		if _, there := annotations[key]; there {
			delete(annotations, key)
		} else {
			annotations[key] = strconv.Itoa(moves.IntN(2))
		}
		live.SetAnnotations(annotations)
		_, err = r.mapped(o).Update(ctx, live, metav1.UpdateOptions{FieldManager: "kubectl-edit"})
		return err
	}
}

// randomObject is a version of the object that a project has under a name.
func randomObject(moves *rand.Rand, kind int, name string) manifest.Object {
	some := func(p float64) bool { return moves.Float64() < p }
	value := func() string { return strconv.Itoa(moves.IntN(2)) }
	metadata := map[string]any{"name": name, "namespace": "default"}
	for _, in := range []string{"annotations", "labels"} {
		m := map[string]any{}
		for _, key := range []string{"example.com/a", "example.com/b"} {
			if some(0.4) {
				m[key] = value()
			}
		}
		if len(m) > 0 {
			metadata[in] = m
		}
	}
	o := manifest.Object{"metadata": metadata}
	switch kind {
	case 0:
		o["apiVersion"], o["kind"] = "v1", "ConfigMap"
		data := map[string]any{"always": value()}
		if some(0.5) {
			data["sometimes"] = value()
		}
		o["data"] = data
	case 1:
		o["apiVersion"], o["kind"] = "v1", "Service"
		ports := []any{map[string]any{"name": "a", "port": int64(80)}}
		if some(0.5) {
			ports = append(ports, map[string]any{"name": "b", "port": int64(81), "targetPort": int64(8080 + moves.IntN(2))})
		}
		spec := map[string]any{"ports": ports}
		if some(0.5) {
			spec["selector"] = map[string]any{"app": value()}
		}
		o["spec"] = spec
	case 2:
		o["apiVersion"], o["kind"] = "networking.k8s.io/v1", "Ingress"
		backend := map[string]any{"service": map[string]any{"name": "tea-" + value(), "port": map[string]any{"number": int64(80)}}}
		spec := map[string]any{"defaultBackend": backend}
		if some(0.5) {
			spec["tls"] = []any{map[string]any{"hosts": []any{"a.example.com", "b" + value() + ".example.com"}, "secretName": "tls"}}
		}
		if some(0.5) {
			spec["ingressClassName"] = "nginx-" + value()
		}
		o["spec"] = spec
	default:
		o["apiVersion"], o["kind"] = "cert-manager.io/v1", "Certificate"
		spec := map[string]any{"secretName": "tls", "dnsNames": []any{"a.example.com"}, "issuerRef": map[string]any{"name": "le-" + value()}}
		if some(0.5) {
			spec["privateKey"] = map[string]any{"algorithm": "ECDSA", "size": int64(256)}
		}
		if some(0.5) {
			spec["duration"] = "48h0m0s"
		}
		o["spec"] = spec
	}
	return o
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
