package apply

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

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
