package lint

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// gone are API groups and versions that no cluster of today serves, by what
// there is instead.
var gone = map[string]string{
	"certmanager.k8s.io/v1alpha1": "cert-manager.io/v1", "certmanager.k8s.io/v1beta1": "cert-manager.io/v1",
	"cert-manager.io/v1alpha2": "cert-manager.io/v1", "cert-manager.io/v1alpha3": "cert-manager.io/v1", "cert-manager.io/v1beta1": "cert-manager.io/v1",
	"extensions/v1beta1": "networking.k8s.io/v1", "networking.k8s.io/v1beta1": "networking.k8s.io/v1",
}

// version tells of API versions that are gone. Of those of Kubernetes only
// Ingress is of our concern.
func (j *judge) version(o manifest.Object) {
	version, _ := o["apiVersion"].(string)
	ofKubernetes := slices.Contains([]string{"extensions/v1beta1", "networking.k8s.io/v1beta1"}, version)
	if now := gone[version]; now != "" && (!ofKubernetes || o.Kind() == "Ingress") {
		j.say("C124", o.ID(), "apiVersion", "is %s, of which there is %s now", version, now)
	}
}
