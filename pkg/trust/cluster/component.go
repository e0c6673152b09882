package cluster

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube/workload"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// component reads the objects that workloads mount with a component, under any
// name that kustomize gave them: those of old and new pod templates.
func (p *locationReader) component(location usage.Location) error {
	mounted := map[usage.Location]string{} // to a workload
	hidden, err := workload.EachTemplate(p.ctx, p.client, location.Namespace, func(t workload.Template) {
		for _, v := range t.Spec.Volumes {
			if v.Name == plan.PodsVolume(location.Name) {
				for _, source := range mountedAt(v.VolumeSource, cabundle.CAKey) {
					source.Namespace = t.ID.Namespace
					mounted[source] = cmp.Or(mounted[source], t.ID.String())
				}
			}
		}
	})
	if err != nil {
		return err
	}
	for source, by := range mounted {
		n := len(p.held)
		if err := p.mounted(source); err != nil {
			return err
		}
		for i := range p.held[n:] {
			p.held[n+i].By = by
		}
	}
	for _, kind := range hidden {
		p.add(usage.LocationState{Location: fmt.Sprintf("%s (%s)", location, kind), Absent: "listing is forbidden"})
	}
	const unused = "no workload mounts it"
	switch {
	case len(mounted)+len(hidden) > 0:
	case location.Optional:
		p.add(usage.LocationState{Location: location.String(), Idle: unused})
	default:
		p.add(usage.LocationState{Location: location.String(), Absent: unused})
	}
	return nil
}

// mounted reads a ConfigMap or ClusterTrustBundle that a workload mounts.
func (p *locationReader) mounted(source usage.Location) error {
	if source.Kind == bundleKind {
		source.Namespace = ""
		return p.clusterTrustBundle(source)
	}
	return p.object(source, expected{})
}

// mountedAt returns the objects that a volume mounts at a path, without
// namespace.
func mountedAt(v corev1.VolumeSource, path string) []usage.Location {
	var found []usage.Location
	configMap := func(name string, items []corev1.KeyToPath) {
		key := path
		for _, item := range items {
			if item.Path == path {
				key = item.Key
			}
		}
		found = append(found, usage.Location{Kind: "ConfigMap", Name: name, Key: key})
	}
	if v.ConfigMap != nil {
		configMap(v.ConfigMap.Name, v.ConfigMap.Items)
	}
	if v.Projected == nil {
		return found
	}
	for _, s := range v.Projected.Sources {
		switch {
		case s.ConfigMap != nil:
			configMap(s.ConfigMap.Name, s.ConfigMap.Items)
		case s.ClusterTrustBundle != nil && s.ClusterTrustBundle.Name != nil:
			found = append(found, usage.Location{Kind: bundleKind, Name: *s.ClusterTrustBundle.Name})
		}
	}
	return found
}
