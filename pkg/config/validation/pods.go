package validation

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) pods(at *strictyaml.Path, t *v1alpha1.Trust) {
	p := t.To.Pods
	if p == nil {
		return
	}
	if len(p.MatchLabels) == 0 {
		c.bad(at.At("matchLabels"), "selects all workloads; leave it out, or name a label")
	}
	c.matchLabels(at.At("matchLabels"), p.MatchLabels)
	seen := map[string]int{}
	for i, v := range p.Variables {
		c.unique(seen, string(v), i, at.At("variables").Item(i), "variables")
	}
	if i := slices.Index(p.Variables, v1alpha1.JavaToolOptions); i >= 0 && (p.Mount == v1alpha1.MountOpenShift || p.Mount == v1alpha1.MountClusterTrustBundle) {
		c.bad(at.At("variables").Item(i), "needs a trust store for Java, which %s does not have", p.Mount)
	}
	c.mount(at.At("mount"), t)
}

// mount wants the target whose object is mounted to be there.
func (c *checker) mount(at *strictyaml.Path, t *v1alpha1.Trust) {
	switch to := t.To; {
	case to.Pods.Mount == v1alpha1.MountTrustManager && to.TrustManager == nil,
		to.Pods.Mount == v1alpha1.MountOpenShift && to.OpenShift == nil,
		to.Pods.Mount == v1alpha1.MountClusterTrustBundle && to.ClusterTrustBundle == nil:
		c.bad(at, "%s is not among the targets here", to.Pods.Mount)
	case to.Pods.Mount == v1alpha1.MountOpenShift && len(to.OpenShift.Namespaces) == 0:
		c.bad(at, "openshift has no namespaces here, and so no ConfigMap that pods could mount")
	}
}
