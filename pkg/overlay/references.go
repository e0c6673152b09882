package overlay

import (
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// namesFile lists for kustomize the fields that refer to objects that it may
// rename. kustomize has no such lists for cert-manager's kinds, the Gateway API
// and NGINX. A file in a base also applies to the overlays that use it.
const namesFile = "name-references.yaml"

// reference is a field with the name of another object.
type reference struct {
	to   string   // kind of the referenced object
	from []string // kinds of the referring objects
	path string   // with / in a key written \/
}

// solver is the path of an issuer's DNS-01 solvers, which name Secrets.
const solver = "spec/acme/solvers/dns01/"

var references = []reference{
	{"ClusterIssuer", []string{"Certificate"}, "spec/issuerRef/name"},
	{"Issuer", []string{"Certificate"}, "spec/issuerRef/name"},
	{"ClusterIssuer", []string{"Ingress", "Gateway"}, `metadata/annotations/cert-manager.io\/cluster-issuer`},
	{"Issuer", []string{"Ingress", "Gateway"}, `metadata/annotations/cert-manager.io\/issuer`},
	{"ClusterIssuer", []string{"VirtualServer"}, "spec/tls/cert-manager/cluster-issuer"},
	{"Issuer", []string{"VirtualServer"}, "spec/tls/cert-manager/issuer"},
	{"Ingress", []string{"Certificate"}, `metadata/annotations/acme.cert-manager.io\/http01-override-ingress-name`},
	{"Gateway", []string{"Certificate"}, `metadata/annotations/acme.cert-manager.io\/http01-parentrefname`},
	{"Gateway", []string{"HTTPRoute"}, "spec/parentRefs/name"},
	{"Gateway", issuers, "spec/acme/solvers/http01/gatewayHTTPRoute/parentRefs/name"},
	{"Service", []string{"HTTPRoute"}, "spec/rules/backendRefs/name"},
	{"Service", []string{"VirtualServer", "VirtualServerRoute"}, "spec/upstreams/service"},
	{"Secret", issuers, "spec/acme/externalAccountBinding/keySecretRef/name"},
	{"Secret", issuers, solver + "acmeDNS/accountSecretRef/name"},
	{"Secret", issuers, solver + "akamai/clientTokenSecretRef/name"},
	{"Secret", issuers, solver + "akamai/clientSecretSecretRef/name"},
	{"Secret", issuers, solver + "akamai/accessTokenSecretRef/name"},
	{"Secret", issuers, solver + "azureDNS/clientSecretSecretRef/name"},
	{"Secret", issuers, solver + "cloudDNS/serviceAccountSecretRef/name"},
	{"Secret", issuers, solver + "cloudflare/apiKeySecretRef/name"},
	{"Secret", issuers, solver + "cloudflare/apiTokenSecretRef/name"},
	{"Secret", issuers, solver + "digitalocean/tokenSecretRef/name"},
	{"Secret", issuers, solver + "rfc2136/tsigSecretSecretRef/name"},
	{"Secret", issuers, solver + "route53/accessKeyIDSecretRef/name"},
	{"Secret", issuers, solver + "route53/secretAccessKeySecretRef/name"},
	{"Secret", issuers, "spec/ca/secretName"},
	{"Secret", issuers, "spec/vault/caBundleSecretRef/name"},
	{"Secret", issuers, "spec/vault/clientCertSecretRef/name"},
	{"Secret", issuers, "spec/vault/clientKeySecretRef/name"},
	{"Secret", issuers, "spec/vault/auth/tokenSecretRef/name"},
	{"Secret", issuers, "spec/vault/auth/appRole/secretRef/name"},
	{"Secret", issuers, "spec/vault/auth/kubernetes/secretRef/name"},
	{"Secret", issuers, "spec/venafi/tpp/credentialsRef/name"},
	{"Secret", issuers, "spec/venafi/tpp/caBundleSecretRef/name"},
	{"Secret", issuers, "spec/venafi/cloud/apiTokenSecretRef/name"},
	{"Secret", issuers, "spec/venafi/ngts/credentialsRef/name"},
}

var issuers = []string{"ClusterIssuer", "Issuer"}

var groups = map[string]string{
	"ClusterIssuer": "cert-manager.io", "Issuer": "cert-manager.io", "Certificate": "cert-manager.io",
	"Ingress": "networking.k8s.io", "Gateway": "gateway.networking.k8s.io", "HTTPRoute": "gateway.networking.k8s.io",
	"VirtualServer": "k8s.nginx.org", "VirtualServerRoute": "k8s.nginx.org",
}

// nameReferences returns the configuration for the references that the objects
// have, nil if they have none.
func nameReferences(objects []manifest.Built) []byte {
	present := map[string][]manifest.Object{}
	for _, o := range objects {
		present[o.Kind()] = append(present[o.Kind()], o.Object)
	}
	byTarget := map[string][]any{}
	var targets []string
	for _, r := range references {
		for _, from := range r.from {
			if !slices.ContainsFunc(present[from], func(o manifest.Object) bool { return manifest.Has(map[string]any(o), splitPath(r.path)) }) {
				continue
			}
			if byTarget[r.to] == nil {
				targets = append(targets, r.to)
			}
			byTarget[r.to] = append(byTarget[r.to], map[string]any{"kind": from, "group": groups[from], "path": r.path})
		}
	}
	if len(targets) == 0 {
		return nil
	}
	var list []any
	for _, to := range targets {
		entry := map[string]any{"kind": to, "fieldSpecs": byTarget[to]}
		if group := groups[to]; group != "" {
			entry["group"] = group
		} else {
			entry["version"] = "v1"
		}
		list = append(list, entry)
	}
	return manifest.Encode(manifest.Object{"nameReference": list})
}

// splitPath splits a path at slashes that are not escaped.
func splitPath(path string) []string {
	parts := strings.Split(strings.ReplaceAll(path, `\/`, "\x00"), "/")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], "\x00", "/")
	}
	return parts
}
