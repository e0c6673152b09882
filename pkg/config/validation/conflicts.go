package validation

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// once reports targets that a cluster or a node can have only once.
func (c *checker) once(at *strictyaml.Path) {
	first := map[string]int{}
	for i := range c.certs.Trust {
		to, at := c.certs.Trust[i].To, at.Item(i).At("to")
		for _, target := range []struct {
			name        string
			given, file bool
		}{
			{"aks", to.AKS != nil, false}, {"aks-secret", to.AKSSecret != nil, false}, {"openshift", to.OpenShift != nil, false},
			{"gke", to.GKE != nil, true}, {"k3s", to.K3s != nil, true}, {"rke2", to.RKE2 != nil, true},
		} {
			other, taken := first[target.name]
			switch {
			case !target.given:
			case !taken:
				first[target.name] = i
			case target.file:
				c.bad(at.At(target.name), "a node has only one registries file, and trust[%d] writes it; put the files and the hosts into one entry", other)
			default:
				c.bad(at.At(target.name), "a cluster has only one such target, and trust[%d] uses it; put the files into one entry", other)
			}
		}
	}
}

// sharedObjects reports ConfigMaps that two targets would generate.
func (c *checker) sharedObjects(at *strictyaml.Path, i int, t *v1alpha1.Trust, objects map[[2]string]int) {
	for _, o := range configMaps(t) {
		first, taken := objects[o]
		objects[o] = i
		said := first != i && t.To.OpenShift != nil && c.certs.Trust[first].To.OpenShift != nil && o == openShiftObject // by once
		if taken && !said {
			c.bad(at.At("to"), "generates ConfigMap %s, as does trust[%d]; choose another name or namespace", resolve.FullName(o[0], o[1]), first)
		}
	}
	if t.To.TrustManager != nil && (t.To.ConfigMap != nil || t.To.OpenShift != nil && len(t.To.OpenShift.Namespaces) > 0) {
		c.bad(at.At("to").At("trust-manager"), "writes ConfigMap %s into namespaces where another target of this entry writes it too; move one of them to an entry with another name", t.Name)
	}
}

var openShiftObject = [2]string{v1alpha1.OpenShiftNamespace, v1alpha1.OpenShiftName}

// configMaps returns namespace and name of the ConfigMaps that a bundle
// generates, without those of trust-manager: their namespaces are not known.
func configMaps(t *v1alpha1.Trust) [][2]string {
	var objects [][2]string
	if m := t.To.ConfigMap; m != nil {
		for _, namespace := range m.In() {
			objects = append(objects, [2]string{namespace, t.Name})
		}
	}
	if o := t.To.OpenShift; o != nil {
		objects = append(objects, openShiftObject)
		for _, namespace := range o.Namespaces {
			objects = append(objects, [2]string{namespace, t.Name})
		}
	}
	return objects
}

// sameHosts reports registries for which containerd would get two files.
func (c *checker) sameHosts(at *strictyaml.Path) {
	first := map[string]int{}
	for i := range c.certs.Trust {
		r := c.certs.Trust[i].To.Containerd
		if r == nil {
			continue
		}
		for j, host := range r.Hosts {
			other, taken := first[host]
			switch {
			case !taken:
				first[host] = i
			case other != i:
				c.bad(at.Item(i).At("to").At("containerd").At("hosts").Item(j), "%s is also in trust[%d], and containerd reads one file per registry; put the files and the hosts into one entry", host, other)
			}
		}
	}
}

// samePods reports two entries that set the same variable in the same
// workloads: the labels of one include all labels that the other selects. In an
// environment only its changes are checked.
func (c *checker) samePods(at *strictyaml.Path) {
	byLabel := map[[2]string][]int{}
	for i := range c.certs.Trust {
		if p := c.certs.Trust[i].To.Pods; p != nil && len(p.Variables) > 0 {
			for key, value := range p.MatchLabels {
				byLabel[[2]string{key, value}] = append(byLabel[[2]string{key, value}], i)
			}
		}
	}
	reported := map[int]bool{}
	for i := range c.certs.Trust {
		p := c.certs.Trust[i].To.Pods
		if p == nil || len(p.MatchLabels) == 0 {
			continue
		}
		key := slices.Min(slices.Collect(maps.Keys(p.MatchLabels)))
		for _, j := range byLabel[[2]string{key, p.MatchLabels[key]}] {
			one, other := min(i, j), max(i, j)
			if i == j || reported[other] || c.Full() || !c.isChanged("trust", i) && !c.isChanged("trust", j) {
				continue
			}
			if names := commonVariables(p, c.certs.Trust[j].To.Pods); names != "" {
				reported[other] = true
				c.bad(at.Item(other).At("to").At("pods"), "%s and %s (trust[%d]) select the same workloads and both set %s, which can name only one file; put the files into one entry, or write variables: [] in one of them",
					c.certs.Trust[other].Name, c.certs.Trust[one].Name, one, names)
			}
		}
	}
}

// commonVariables lists the variables that both entries set in the workloads
// that p selects; "" if other does not select all of them.
func commonVariables(p, other *v1alpha1.Pods) string {
	for key, value := range p.MatchLabels {
		if v, there := other.MatchLabels[key]; !there || v != value {
			return ""
		}
	}
	var names []string
	for _, v := range p.Variables {
		if slices.Contains(other.Variables, v) {
			names = append(names, string(v))
		}
	}
	return strings.Join(names, ", ")
}
