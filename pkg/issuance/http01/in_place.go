package http01

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

var ingressKind = schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"}

// challengePath returns the path of a challenge for the rule of an unstructured Ingress.
func challengePath(c issuance.Challenge, service string) (map[string]any, error) {
	return runtime.DefaultUnstructuredConverter.ToUnstructured(ingressPath(c, service))
}

// conflictBackoff limits retries of an edit: other challenges of the same certificate may edit
// the same Ingress concurrently.
var conflictBackoff = wait.Backoff{Steps: 25, Duration: 10 * time.Millisecond, Factor: 1.2, Jitter: 0.5}

// editIngress changes an Ingress of another owner. Its rules are an atomic field, so they are
// read, changed, and written back with the version that was read.
func (s *Solver) editIngress(ctx context.Context, name string, edit func(manifest.Object) bool) error {
	mapping, err := s.Client.Mapping(ingressKind)
	if err != nil {
		return err
	}
	ingresses := s.Client.Resource(mapping, s.For.Namespace)
	return retry.RetryOnConflict(conflictBackoff, func() error {
		u, err := ingresses.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("read Ingress %s/%s to edit it in place: %w", s.For.Namespace, name, kube.WrapUnavailable(err))
		}
		if !edit(manifest.Object(u.Object)) {
			return nil
		}
		if _, err = ingresses.Update(ctx, u, metav1.UpdateOptions{FieldManager: kube.FieldManager + "-solver"}); err != nil {
			return fmt.Errorf("edit Ingress %s/%s: %w", s.For.Namespace, name, kube.WrapUnavailable(err))
		}
		return nil
	})
}

// addPath adds the path of a challenge as the first path of its host's rule, or adds a rule. It
// reports whether anything changed.
func addPath(ingress manifest.Object, c issuance.Challenge, path map[string]any) bool {
	spec := ingress.Map("spec")
	rules, _ := spec["rules"].([]any)
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		if rule["host"] != c.Name {
			continue
		}
		http, _ := rule["http"].(map[string]any)
		if http == nil { // an NGINX master has none
			http = map[string]any{}
			rule["http"] = http
		}
		paths, _ := http["paths"].([]any)
		for _, p := range manifest.Maps(paths) {
			if p["path"] == pathOf(c) {
				return false
			}
		}
		http["paths"] = append([]any{path}, paths...)
		return true
	}
	spec["rules"] = append(rules, map[string]any{"host": c.Name, "http": map[string]any{"paths": []any{path}}})
	return true
}

// removePath removes the path of a challenge, and a rule without other paths. It reports
// whether anything changed.
func removePath(ingress manifest.Object, c issuance.Challenge) bool {
	spec := ingress.Map("spec")
	rules, _ := spec["rules"].([]any)
	changed := false
	var kept []any
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		http, _ := rule["http"].(map[string]any)
		paths, _ := http["paths"].([]any)
		var others []any
		for _, p := range paths {
			if path, _ := p.(map[string]any); path["path"] != pathOf(c) {
				others = append(others, p)
			}
		}
		if len(others) == len(paths) {
			kept = append(kept, r)
			continue
		}
		changed = true
		switch {
		case len(others) > 0:
			http["paths"] = others
			kept = append(kept, r)
		case ingress.Annotations()[plan.MergeableAnnotation] == "master": // its rule has no paths
			delete(rule, "http")
			kept = append(kept, r)
		}
	}
	if changed {
		spec["rules"] = kept
	}
	return changed
}
