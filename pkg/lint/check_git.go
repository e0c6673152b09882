package lint

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// clusterScoped are the kinds that Kustomize takes for namespaced, by group.
var clusterScoped = map[string][]string{
	"cert-manager.io":       {"ClusterIssuer"},
	"trust.cert-manager.io": {"Bundle"},
	"trust-manager.io":      {"ClusterBundle"},
	"certificates.k8s.io":   {"ClusterTrustBundle"},
}

func (j *judge) scope(o manifest.Object) {
	id := o.ID()
	if id.Namespace != "" && slices.Contains(clusterScoped[id.Group], id.Kind) {
		j.say("C403", id, "metadata.namespace", "is %s, and a %s belongs to no namespace", id.Namespace, id.Kind)
	}
}

// keys tells of private keys anywhere in an object, and of passwords for
// them. What it says never has a value.
func (j *judge) keys(o manifest.Object) {
	id := o.ID()
	for _, field := range privateKeys(map[string]any(o), "", nil) {
		j.say("C401", id, field, "is a private key")
	}
	if id.Group != "cert-manager.io" || id.Kind != "Certificate" {
		return
	}
	for _, store := range []string{"jks", "pkcs12"} {
		if password, _ := o.Map("spec", "keystores", store)["password"].(string); password != "" {
			j.say("C405", id, "spec.keystores."+store+".password", "is written out")
		}
	}
}

// privateKeys adds the fields that hold a private key.
func privateKeys(v any, field string, found []string) []string {
	switch v := v.(type) {
	case string:
		if pki.HasPrivateKey(v) {
			found = append(found, field)
		}
	case map[string]any:
		for key, inner := range v {
			if _, scalar := inner.(string); scalar && !pki.HasPrivateKey(inner.(string)) {
				continue // most are no keys, and need no name
			}
			found = privateKeys(inner, join(field, key), found)
		}
	case []any:
		for i, inner := range v {
			found = privateKeys(inner, fmt.Sprintf("%s[%d]", field, i), found)
		}
	}
	return found
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// credentials tells of Secrets by which issuers prove control.
func (j *judge) credentials() {
	by := map[string]*issuer{}
	for _, i := range j.issuers {
		for _, ref := range secretRefs(j.objects[i.id].Map("spec"), "spec") {
			if by[ref.name] == nil {
				by[ref.name] = i
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		for _, s := range j.secrets[name] {
			if !s.empty && by[name].reads(s.id.Namespace) {
				j.say("C402", s.id, "", "holds what %s works with", by[name].id)
			}
		}
	}
}
