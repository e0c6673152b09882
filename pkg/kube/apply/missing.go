package apply

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// Missing is a kind that the cluster does not serve, and the objects of it.
type Missing struct {
	Kind    schema.GroupVersionKind
	Objects []manifest.Object
}

// products are what serves the kinds of a group.
var products = map[string]string{
	"cert-manager.io":           "cert-manager",
	"externaldns.k8s.io":        "external-dns",
	"k8s.nginx.org":             "NGINX Ingress Controller",
	"gateway.networking.k8s.io": "the Gateway API",
	"trust.cert-manager.io":     "trust-manager",
	"trust-manager.io":          "trust-manager, 0.25 or later,",
	"config.openshift.io":       "OpenShift",
}

// String says what cannot be in the cluster, and until when.
func (m Missing) String() string {
	return fmt.Sprintf("the cluster does not know %s (%s); %s of it cannot be there %s", m.Kind.Kind, m.Kind.GroupVersion(), phrase.Count(len(m.Objects), "object"), m.Remedy())
}

// Remedy returns what has to be done before the cluster serves the kind.
func (m Missing) Remedy() string {
	if m.Kind.Kind == "ClusterTrustBundle" {
		return fmt.Sprintf("unless the API server runs with --feature-gates=ClusterTrustBundle=true and --runtime-config=%s/clustertrustbundles=true", m.Kind.GroupVersion())
	}
	product, known := products[m.Kind.Group]
	if !known {
		product = "its CRD"
	}
	return fmt.Sprintf("until %s is installed", product)
}

// Served places objects as ResolveScope does, and tells apart those of kinds that the
// cluster does not serve.
func (a *Applier) Served(objects []manifest.Object) (served []manifest.Object, missing []Missing, err error) {
	served, unknown, err := a.client.ResolveScope(objects)
	if err != nil {
		return nil, nil, err
	}
	for _, kind := range unknown {
		m := Missing{Kind: kind}
		for _, o := range objects {
			if o.Kind() == kind.Kind && o.ID().Group == kind.Group {
				m.Objects = append(m.Objects, o)
			}
		}
		missing = append(missing, m)
	}
	return served, missing, nil
}
