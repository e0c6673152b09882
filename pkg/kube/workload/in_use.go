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

// InUse says of ConfigMaps which workload or pod of their namespace reads them,
// or that nobody can tell. Workloads that are about to be otherwise, as given,
// count as that; their pods as long as they run.
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
					used[id] = t.ID.String() + " reads it"
				}
			}
		})
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if used[id] == "" && len(hidden) > 0 {
				used[id] = fmt.Sprintf("%s there may not be listed, and may read it", strings.Join(hidden, ", "))
			}
		}
	}
	return used, nil
}

func (t Template) reads(ref Reference) bool {
	return slices.Contains(References(t.ID.Namespace, &t.Spec), ref)
}

// templatesOf are those of the workloads among some objects.
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
