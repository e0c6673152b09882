package workload

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// InUse returns, for ConfigMaps, which workload or pod in their namespace uses
// them, or that this is unknown. The given workloads replace those in the
// cluster; their pods count while they run.
func InUse(ctx context.Context, c *kube.Client, configMaps, soon []manifest.Object) (map[manifest.ID]string, error) {
	changed, err := templatesOf(soon)
	if err != nil {
		return nil, err
	}
	byNamespace := map[string][]manifest.ID{}
	for _, o := range configMaps {
		byNamespace[o.Namespace()] = append(byNamespace[o.Namespace()], o.ID())
	}
	used := map[manifest.ID]string{}
	for namespace, ids := range byNamespace {
		hidden, err := EachTemplate(ctx, c, namespace, func(t Template) {
			if after, there := changed[t.ID]; there {
				t = after
			}
			for _, id := range ids {
				if used[id] == "" && t.reads(Reference{Kind: id.Kind, Namespace: namespace, Name: id.Name}) {
					used[id] = t.ID.String() + " uses it"
				}
			}
		})
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if used[id] == "" && len(hidden) > 0 {
				used[id] = fmt.Sprintf("listing %s is forbidden there, and one of them may use it", strings.Join(hidden, ", "))
			}
		}
	}
	return used, nil
}

func (t Template) reads(ref Reference) bool {
	return slices.Contains(References(t.ID.Namespace, &t.Spec), ref)
}

// templatesOf returns the templates of the workloads among objects.
func templatesOf(objects []manifest.Object) (map[manifest.ID]Template, error) {
	found := map[manifest.ID]Template{}
	for _, o := range objects {
		for _, kind := range plan.Workloads() {
			if version, _ := o["apiVersion"].(string); version != kind.APIVersion || o.Kind() != kind.Kind {
				continue
			}
			t, err := templateOf(o.Clone(), kind)
			if err != nil {
				return nil, err
			}
			found[t.ID] = t
		}
	}
	return found, nil
}
