package cluster

import (
	"context"
	"encoding/base64"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// caBundleRefs are the kinds with a caBundle that the API server verifies servers
// with.
var caBundleRefs = []secretRefPath{
	{schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "ValidatingWebhookConfiguration"}, []string{"webhooks", "*", "clientConfig", "caBundle"}},
	{schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: "MutatingWebhookConfiguration"}, []string{"webhooks", "*", "clientConfig", "caBundle"}},
	{schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}, []string{"spec", "caBundle"}},
	{schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}, []string{"spec", "conversion", "webhook", "clientConfig", "caBundle"}},
}

// addCABundles adds the CAs of webhooks and similar servers to a pool, to
// complete chains. It ignores kinds that are forbidden to list.
func (r *Reader) addCABundles(ctx context.Context, pool *usage.Pool) error {
	notes := len(r.Notes)
	defer func() { r.Notes = r.Notes[:notes] }()
	for _, kind := range caBundleRefs {
		err := r.each(ctx, kind, func(u *unstructured.Unstructured) {
			for _, text := range textsAt(u.Object, kind.path) {
				if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
					certs, _ := pool.Read(raw)
					pool.Add(certs...)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// textsAt returns the strings at a path of an object.
func textsAt(v any, path []string) []string {
	if len(path) == 0 {
		text, _ := v.(string)
		return []string{text}
	}
	if path[0] != "*" {
		m, _ := v.(map[string]any)
		return textsAt(m[path[0]], path[1:])
	}
	items, _ := v.([]any)
	var texts []string
	for _, item := range items {
		texts = append(texts, textsAt(item, path[1:])...)
	}
	return texts
}
