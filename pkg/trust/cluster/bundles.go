package cluster

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// trustManager reads a Bundle of the cluster: its inLine certificates, if it has
// no other source, and every target that it should write.
func (p *locationReader) trustManager(location usage.Location, v version) error {
	u, t, err := p.bundle(location, v)
	if err != nil || u == nil {
		return err
	}
	location.Namespace = ""
	n := len(p.held)
	if len(t.inLine) > 0 && !t.others {
		h := usage.LocationState{Location: location.String() + ":inLine", Changed: changed(metaOf(u), false, []string{"spec"})}
		p.values.Add(&h, "", []byte(t.text()), true)
		p.add(h)
	}
	in, err := p.selected(t.selector)
	if err != nil {
		return fmt.Errorf("%s: %w", location, err)
	}
	p.values.Passwords = append(p.values.Passwords, t.secrets...)
	for _, target := range t.targets {
		target.Namespace, target.Name = usage.Everywhere, location.Name
		if err := p.object(target, expected{in: in, mixed: t.defaults}); err != nil {
			return err
		}
	}
	if len(p.held) == n && (len(in) == 0 || len(t.targets) == 0) {
		p.absent(location, "has no target or selects no namespace")
	}
	return nil
}

// bundle reads a Bundle and its spec. If there is no such Bundle, it adds an
// absent location and returns nil.
func (p *locationReader) bundle(location usage.Location, v version) (*unstructured.Unstructured, bundleSpec, error) {
	u, why, err := p.getKind(v.kind, location.Name)
	if err != nil {
		return nil, bundleSpec{}, err
	}
	if u == nil {
		p.absent(location, why)
		return nil, bundleSpec{}, nil
	}
	spec, _, _ := unstructured.NestedMap(u.Object, "spec")
	t, err := v.read(spec)
	if err != nil {
		return nil, bundleSpec{}, fmt.Errorf("read %s: %w", location, err)
	}
	return u, t, nil
}

// selected returns the namespaces that trust-manager writes to. It skips those
// that are being deleted.
func (p *locationReader) selected(selector *metav1.LabelSelector) (map[string]bool, error) {
	matches, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	o := metav1.ListOptions{Limit: kube.PageSize}
	return in, kube.EachPage(p.ctx, "namespaces", o, p.core.Namespaces().List, func(l *corev1.NamespaceList) bool {
		for _, n := range l.Items {
			if n.Status.Phase != corev1.NamespaceTerminating && matches.Matches(labels.Set(n.Labels)) {
				in[n.Name] = true
			}
		}
		return true
	})
}
