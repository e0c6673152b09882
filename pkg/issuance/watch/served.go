package watch

import (
	"context"
	"encoding/json"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// served returns the kinds that the server serves now. It queries only their groups, not all of
// the API.
func served(ctx context.Context, core typedcorev1.CoreV1Interface, kinds []schema.GroupVersionKind) []schema.GroupVersionKind {
	var known []schema.GroupVersionKind
	lists := map[schema.GroupVersion]metav1.APIResourceList{}
	for _, kind := range kinds {
		list, read := lists[kind.GroupVersion()]
		if !read {
			// an error counts as not served; the caller retries
			answer, err := core.RESTClient().Get().AbsPath("/apis", kind.Group, kind.Version).SetHeader("Accept", "application/json").DoRaw(ctx)
			if err == nil {
				_ = json.Unmarshal(answer, &list)
			}
			lists[kind.GroupVersion()] = list
		}
		if slices.ContainsFunc(list.APIResources, func(r metav1.APIResource) bool { return r.Kind == kind.Kind }) {
			known = append(known, kind)
		}
	}
	return known
}
