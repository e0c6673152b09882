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

// products are the products that add the kinds of a group.
var products = map[string]string{
	"cert-manager.io":           "cert-manager",
	"externaldns.k8s.io":        "external-dns",
	"k8s.nginx.org":             "NGINX Ingress Controller",
	"gateway.networking.k8s.io": "the Gateway API",
	"trust.cert-manager.io":     "trust-manager",
	"trust-manager.io":          "trust-manager 0.25 or later",
}

// String names the objects that cannot be applied, and the remedy.
func (m Missing) String() string {
	return fmt.Sprintf("skipping %s (%s): %s", phrase.Count(len(m.Objects), m.Kind.Kind+" object"), m.Kind.GroupVersion(), m.Remedy())
}

// Remedy returns what is needed before the cluster serves the kind.
func (m Missing) Remedy() string {
	switch m.Kind.Kind {
	case "Proxy":
		return "only OpenShift has this kind"
	case "ClusterTrustBundle":
		return fmt.Sprintf("start the API server with --feature-gates=ClusterTrustBundle=true and --runtime-config=%s/clustertrustbundles=true", m.Kind.GroupVersion())
	}
	product, known := products[m.Kind.Group]
	if !known {
		product = "its CRD"
	}
	return fmt.Sprintf("install %s first", product)
}

// Served resolves objects as ResolveScope does, and separates those of kinds
// that the cluster does not serve.
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
