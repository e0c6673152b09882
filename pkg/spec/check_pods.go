package spec

import "slices"

func (c *checker) pods(at *path, t *Trust) {
	p := t.To.Pods
	if p == nil {
		return
	}
	if len(p.MatchLabels) == 0 {
		c.bad(at.at("matchLabels"), "selects all workloads; leave it out, or name a label")
	}
	c.matchLabels(at.at("matchLabels"), p.MatchLabels)
	seen := map[string]int{}
	for i, v := range p.Variables {
		c.unique(seen, string(v), i, at.at("variables").item(i), "variables")
	}
	if i := slices.Index(p.Variables, JavaToolOptions); i >= 0 && (p.Mount == MountOpenShift || p.Mount == MountClusterTrustBundle) {
		c.bad(at.at("variables").item(i), "needs a trust store for Java, which %s does not have", p.Mount)
	}
	c.mount(at.at("mount"), t)
}

// mount wants the target whose object is mounted to be there.
func (c *checker) mount(at *path, t *Trust) {
	switch to := t.To; {
	case to.Pods.Mount == MountTrustManager && to.TrustManager == nil,
		to.Pods.Mount == MountOpenShift && to.OpenShift == nil,
		to.Pods.Mount == MountClusterTrustBundle && to.ClusterTrustBundle == nil:
		c.bad(at, "%s is not among the targets here", to.Pods.Mount)
	case to.Pods.Mount == MountOpenShift && len(to.OpenShift.Namespaces) == 0:
		c.bad(at, "openshift has no namespaces here, and so no ConfigMap that pods could mount")
	}
}
