package plan

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
)

// trust plans the objects of a bundle.
func (p *planner) trust(t *v1alpha1.Trust, roots []cabundle.Entry) {
	b := Bundle{Spec: t, Roots: roots}
	for _, issuer := range p.index.FromIssuers(t) {
		b.Secrets = append(b.Secrets, issuer.Root().SecretName)
	}
	p.plan.Bundles = append(p.plan.Bundles, b)
	if t.To.AKSSecret != nil {
		p.anchor(b, "aks-secret", Anchor{Kind: Secret, Object: Object{
			Namespace: v1alpha1.AKSSecretNamespace, Name: v1alpha1.AKSSecretName,
			Note: b.Count() + "; the preview was retired on " + cabundle.RetiredOn + ", and only node pools with enableCustomCATrust read it",
		}})
	}
	if m := t.To.ConfigMap; m != nil {
		for _, namespace := range m.In() {
			p.anchor(b, "configmap", Anchor{Kind: ConfigMap, Key: cabundle.CAKey, Object: Object{
				Namespace: namespace, Name: t.Name, Note: b.Count() + " in " + cabundle.CAKey,
			}})
		}
	}
	p.trustManager(b)
	if t.To.ClusterTrustBundle != nil {
		p.anchor(b, "cluster-trust-bundle", Anchor{Kind: ClusterTrustBundle, Object: Object{
			Name: t.ClusterTrustBundleName(), Note: b.Count() + " that every pod can mount",
		}})
	}
	p.openShift(b)
}

func (p *planner) anchor(b Bundle, target string, a Anchor) {
	a.Of, a.Part = b, b.TrustDir(target)
	a.Annotations = with(a.Annotations, v1alpha1.AllowAnnotation, strings.Join(b.Spec.Allow, ","))
	p.plan.Anchors = append(p.plan.Anchors, a)
}

// migratedAnnotation prevents trust-manager from treating a ClusterBundle as
// its own copy of a Bundle of that name, and deleting it with the Bundle.
const migratedAnnotation = "trust-manager.io/migrated"

func (p *planner) trustManager(b Bundle) {
	m := b.Spec.To.TrustManager
	if m == nil {
		return
	}
	a := Anchor{Kind: TrustBundle, Object: Object{Name: b.Spec.Name, Note: b.contents()}}
	if m.Version == v1alpha1.ClusterBundle {
		a.Kind, a.Annotations = ClusterBundle, map[string]string{migratedAnnotation: "true"}
	}
	a.Note += ", as ConfigMap " + b.Spec.Name + " in all namespaces"
	if m.Namespaces != nil {
		a.Note += " that match the selector"
	}
	p.anchor(b, "trust-manager", a)
}

// Labels and annotations of objects that OpenShift fills or has only one of,
// and that GitOps controllers must not prune.
const (
	InjectLabel          = "config.openshift.io/inject-trusted-cabundle"
	fluxApplyAnnotation  = "kustomize.toolkit.fluxcd.io/ssa"
	fluxPruneAnnotation  = "kustomize.toolkit.fluxcd.io/prune"
	argoOptionAnnotation = "argocd.argoproj.io/sync-options"
)

func (p *planner) openShift(b Bundle) {
	o := b.Spec.To.OpenShift
	if o == nil {
		return
	}
	// Pruning must keep both, or the Proxy would refer to a deleted ConfigMap.
	stays := map[string]string{fluxPruneAnnotation: "disabled", argoOptionAnnotation: "Delete=false,Prune=false"}
	p.anchor(b, "openshift", Anchor{Kind: ConfigMap, Key: cabundle.OpenShiftKey, Object: Object{
		Namespace: v1alpha1.OpenShiftNamespace, Name: v1alpha1.OpenShiftName, Annotations: stays,
		Note: b.Count() + ", replacing the present ones; nodes restart one by one",
	}})
	p.anchor(b, "openshift", Anchor{Kind: Proxy, Object: Object{
		Name: "cluster", Note: "the cluster trusts ConfigMap " + v1alpha1.OpenShiftName,
		Annotations: stays,
	}})
	for _, namespace := range o.Namespaces {
		p.anchor(b, "openshift", Anchor{Kind: ConfigMap, Object: Object{
			Namespace: namespace, Name: b.Spec.Name,
			Labels:      map[string]string{InjectLabel: "true"},
			Annotations: map[string]string{fluxApplyAnnotation: "Merge"},
			Note:        "OpenShift adds all CAs under " + cabundle.OpenShiftKey,
		}})
	}
}
