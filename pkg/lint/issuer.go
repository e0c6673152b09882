package lint

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// issuer is an issuer that objects can refer to.
type issuer struct {
	manifest.Issuer
	id        manifest.ID
	secrets   []secretRef // that it refers to; nil for issuers elsewhere
	at        int
	acme      v1alpha1.ACME // its solvers; none for other types of issuers
	vague     bool          // selectors of its solvers are filled in later
	addresses bool          // has requests for IP addresses
}

// keyOf returns the key of an issuer. It ignores a namespace that a kustomization
// set on a ClusterIssuer.
func keyOf(i manifest.Issuer) plan.IssuerKey {
	if i.Kind == cm.ClusterIssuerKind {
		return plan.IssuerKey{Kind: i.Kind, Name: i.Name}
	}
	return plan.IssuerKey{Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}
}

func newIssuer(i manifest.Issuer) *issuer {
	known := &issuer{Issuer: i, id: manifest.ID{Group: "cert-manager.io", Kind: i.Kind, Namespace: i.Namespace, Name: i.Name}}
	if i.Spec.ACME == nil {
		return known
	}
	for _, s := range i.Spec.ACME.Solvers {
		solver := v1alpha1.Solver{Selector: s.Selector, DNS01: s.DNS01}
		if s.HTTP01 != nil {
			solver.HTTP01 = &v1alpha1.HTTP01{Ingress: s.HTTP01.Ingress, GatewayHTTPRoute: s.HTTP01.GatewayHTTPRoute}
		}
		known.acme.Solvers = append(known.acme.Solvers, solver)
		known.vague = known.vague || isVariable(selector(solver))
	}
	return known
}

func selector(s v1alpha1.Solver) string {
	if s.Selector == nil {
		return "{}"
	}
	text, err := json.Marshal(s.Selector)
	if err != nil {
		panic(err) // plain data
	}
	return string(text)
}

// defaultNamespaces are the usual namespaces of the Secrets of ClusterIssuers.
var defaultNamespaces = []string{"cert-manager", "kube-system"}

// reads reports whether an issuer may read Secrets of a namespace. "" is a
// namespace that an overlay or kubectl sets.
func (i *issuer) reads(namespace string) bool {
	if i.Kind == cm.ClusterIssuerKind {
		return namespace == "" || slices.Contains(defaultNamespaces, namespace)
	}
	return namespace == i.Namespace || namespace == "" || i.Namespace == ""
}

// whyNot returns why no solver of an issuer can validate a name.
func (i *issuer) whyNot(name string) string {
	byDNS := slices.ContainsFunc(i.acme.Solvers, func(s v1alpha1.Solver) bool { return s.DNS01 != nil })
	switch {
	case len(i.acme.Solvers) == 0:
		return "cannot be validated: " + i.id.String() + " has no solvers"
	case v1alpha1.IsWildcard(name) && !byDNS:
		return "needs a DNS-01 solver; " + i.id.String() + " has only HTTP-01"
	case v1alpha1.IsWildcard(name):
		return "matches no DNS-01 solver of " + i.id.String()
	}
	return "matches no solver of " + i.id.String()
}

// secretRef is a field that refers to a Secret.
type secretRef struct{ field, name string }

// secretRefs returns the references to Secrets in cert-manager's types: fields
// named secretName, and objects in fields named …SecretRef or credentialsRef.
func secretRefs(v any, field string) []secretRef {
	var found []secretRef
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			inner := field + "." + key
			ref, _ := v[key].(map[string]any)
			name, named := ref["name"].(string)
			switch {
			case named && (strings.HasSuffix(strings.ToLower(key), "secretref") || key == "credentialsRef"):
				found = append(found, secretRef{inner, name})
			case key == "secretName":
				if name, ok := v[key].(string); ok {
					found = append(found, secretRef{inner, name})
				}
			default:
				found = append(found, secretRefs(v[key], inner)...)
			}
		}
	case []any:
		for i, item := range v {
			found = append(found, secretRefs(item, fmt.Sprintf("%s[%d]", field, i))...)
		}
	}
	return found
}
