package workload

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// Template is a pod template, or a pod.
type Template struct {
	ID   manifest.ID
	Spec corev1.PodSpec
}

// EachTemplate calls f for all workloads of a namespace, and for its pods,
// without completed Jobs and pods. It returns the kinds that it may not list.
func EachTemplate(ctx context.Context, c *kube.Client, namespace string, f func(Template)) (hidden []string, err error) {
	kinds := append(plan.Workloads(), plan.Workload{APIVersion: "v1", Kind: "Pod", PodSpec: "spec"})
	for _, kind := range kinds {
		mapping, err := c.Mapping(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
		if meta.IsNoMatchError(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		o := metav1.ListOptions{Limit: kube.PageSize}
		if kind.Kind == "Pod" {
			o.FieldSelector = "status.phase!=Succeeded,status.phase!=Failed"
		}
		var wrong error
		err = c.List(ctx, mapping, namespace, o, func(u *unstructured.Unstructured) {
			if kind.Kind == "Job" && ended(u) {
				return
			}
			t, err := templateOf(u.Object, kind)
			if err != nil && wrong == nil {
				wrong = err
			}
			f(t)
		})
		switch {
		case apierrors.IsForbidden(err):
			hidden = append(hidden, kind.Kind+"s")
		case err != nil:
			return nil, err
		case wrong != nil:
			return nil, wrong
		}
	}
	return hidden, nil
}

// templateOf reads a workload, or a pod.
func templateOf(o manifest.Object, kind plan.Workload) (Template, error) {
	t := Template{ID: o.ID()}
	spec, _, err := unstructured.NestedMap(o, kind.Path()...)
	if err == nil {
		err = runtime.DefaultUnstructuredConverter.FromUnstructured(spec, &t.Spec)
	}
	if err != nil {
		return t, fmt.Errorf("read %s: %w", t.ID, err)
	}
	return t, nil
}

// ended reports whether a Job is complete or has failed.
func ended(u *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	return slices.ContainsFunc(conditions, func(c any) bool {
		condition, _ := c.(map[string]any)
		return (condition["type"] == "Complete" || condition["type"] == "Failed") && condition["status"] == "True"
	})
}
