package watch

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/routes"
)

// objectSummary is the relevant part of an object; the object itself is not kept.
type objectSummary struct {
	metav1.ObjectMeta // namespace and name, for caches

	id        manifest.ID
	needs     []plan.Need
	issuer    *issuance.Issuer
	route     *routes.Route
	challenge manifest.Object // the object itself, if it routes the challenge path
	given     bool            // by the operator, with -f or -k
	err       error
}

// summarize parses an object.
func summarize(o manifest.Object) *objectSummary {
	r := &objectSummary{id: o.ID(), ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace(), Name: o.Name()}}
	if r.isIssuer() {
		var issuers []manifest.Issuer
		issuers, r.err = manifest.Issuers([]manifest.Object{o})
		for _, i := range issuers {
			r.issuer = &issuance.Issuer{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name, Spec: i.Spec}
		}
		return r
	}
	if contains(map[string]any(o), v1alpha1.ChallengePath) {
		r.challenge = o
	}
	r.route = routes.Read(o)
	r.needs, r.err = manifest.Needs([]manifest.Object{o})
	return r
}

func (r *objectSummary) isIssuer() bool {
	return r.id.Group == "cert-manager.io" && (r.id.Kind == "Issuer" || r.id.Kind == "ClusterIssuer")
}

// contains reports whether a value below v is the challenge path.
func contains(v any, path string) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			if contains(item, path) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return contains(item, path) })
	case string:
		return strings.TrimSuffix(v, "/") == strings.TrimSuffix(path, "/")
	}
	return false
}

// secretSummary is the state of a Secret, or its journal.
type secretSummary struct {
	metav1.ObjectMeta // namespace and name, for caches

	ref     issuance.Ref
	state   *issuance.SecretState
	journal *issuance.Journal
}

// summarizeSecret examines a Secret without keeping its contents.
func summarizeSecret(secret *corev1.Secret) *secretSummary {
	s := &secretSummary{ObjectMeta: metav1.ObjectMeta{Namespace: secret.Namespace, Name: secret.Name}}
	if secret.Type == v1alpha1.JournalType {
		ref, j := store.JournalOf(secret)
		s.ref, s.journal = ref, &j
		return s
	}
	state := issuance.Examine(store.SecretOf(secret))
	s.ref, s.state = issuance.Ref{Namespace: secret.Namespace, Name: secret.Name}, &state
	return s
}
