package cluster

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// The ConfigMaps of OpenShift: what a user gives, and what is injected.
const (
	userCABundle   = "user-ca-bundle"
	openShiftInput = "openshift-config"
	openShiftKey   = "ca-bundle.crt"
)

var proxyKind = schema.GroupVersionKind{Group: "config.openshift.io", Version: "v1", Kind: "Proxy"}

// openShift reads the ConfigMap that the cluster's Proxy is to name, "" for the
// one that it does, and all that its CAs are injected into, beside the system's.
func (p *locationReader) openShift(want string) error {
	name, err := p.proxy(want)
	if err != nil {
		return err
	}
	if name != "" {
		err = p.object(usage.Location{Kind: "ConfigMap", Namespace: openShiftInput, Name: name, Key: openShiftKey}, expected{})
	}
	if err != nil {
		return err
	}
	o := metav1.ListOptions{Limit: bigPage, LabelSelector: injectLabel + "=true"}
	return kube.EachPage(p.ctx, "ConfigMaps", o, p.core.ConfigMaps(metav1.NamespaceAll).List, func(l *corev1.ConfigMapList) bool {
		for i := range l.Items {
			m := &l.Items[i]
			location := usage.Location{Kind: "ConfigMap", Namespace: m.Namespace, Name: m.Name, Key: openShiftKey}
			p.take(location, configMapKeyed(m), expected{})
		}
		return true
	})
}

// proxy is the ConfigMap to read: the one that is wanted, or that the Proxy
// names. A Proxy that names none, or another, is told. A cluster that does not
// know the kind is taken to name OpenShift's own.
func (p *locationReader) proxy(want string) (string, error) {
	location := usage.Location{Kind: proxyKind.Kind, Name: "cluster"}
	switch _, err := p.client.Mapping(proxyKind); {
	case meta.IsNoMatchError(err) && want == "":
		return userCABundle, nil
	case err != nil && !meta.IsNoMatchError(err):
		return "", fmt.Errorf("find %s on the server: %w", proxyKind.Kind, kube.WrapUnavailable(err))
	}
	u, why, err := p.getKind(proxyKind, location.Name)
	if err != nil {
		return "", err
	}
	if u == nil {
		p.absent(location, why)
		return want, nil
	}
	named, _, _ := unstructured.NestedString(u.Object, "spec", "trustedCA", "name")
	switch {
	case named == "":
		p.absent(location, "names no ConfigMap with CAs")
	case want != "" && named != want:
		p.absent(location, fmt.Sprintf("names ConfigMap %s, in Git %s", named, want))
	}
	return cmp.Or(want, named), nil
}
