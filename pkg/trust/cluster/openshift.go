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

// The ConfigMap with the user's CAs in OpenShift, and its key.
const (
	userCABundle   = "user-ca-bundle"
	openShiftInput = "openshift-config"
	openShiftKey   = "ca-bundle.crt"
)

var proxyKind = schema.GroupVersionKind{Group: "config.openshift.io", Version: "v1", Kind: "Proxy"}

// openShift reads the ConfigMap want, or the one that the cluster's Proxy names if
// want is "". It also reads the ConfigMaps that OpenShift injects its CAs and the
// system's into.
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
			p.addObject(location, configMapData(m), expected{})
		}
		return true
	})
}

// proxy returns the ConfigMap to read: want, or the one that the Proxy names. It
// adds an absent location if the Proxy names no ConfigMap or another one. If the
// cluster does not serve the kind, it returns OpenShift's default.
func (p *locationReader) proxy(want string) (string, error) {
	location := usage.Location{Kind: proxyKind.Kind, Name: "cluster"}
	switch _, err := p.client.Mapping(proxyKind); {
	case meta.IsNoMatchError(err) && want == "":
		return userCABundle, nil
	case err != nil && !meta.IsNoMatchError(err):
		return "", err
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
		p.absent(location, "has no spec.trustedCA.name")
	case want != "" && named != want:
		p.absent(location, fmt.Sprintf("names ConfigMap %s; in Git %s", named, want))
	}
	return cmp.Or(want, named), nil
}
