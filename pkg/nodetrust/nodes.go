package nodetrust

import (
	"encoding/base64"
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// gke returns the containerd configuration for gcloud, and the PEM for the secret
// that it refers to.
func gke(b plan.Bundle) []File {
	g := b.Spec.To.GKE
	if g == nil {
		return nil
	}
	domain := map[string]any{
		"fqdns":                             anyOf(g.Hosts),
		"gcpSecretManagerCertificateConfig": map[string]any{"secretURI": g.SecretURI},
	}
	config := map[string]any{"privateRegistryAccessConfig": map[string]any{
		"enabled": true, "certificateAuthorityDomainConfig": []any{domain},
	}}
	return []File{
		pem(b, fileName(b.Spec), "for "+g.SecretURI+": gcloud secrets versions add --data-file"),
		yaml("containerd.yaml", "gcloud container clusters update --containerd-config-from-file; makes new nodes, which pull from these registries", config),
	}
}

// bottlerocket returns settings for the user data of an instance.
func bottlerocket(b plan.Bundle) []File {
	if b.Spec.To.Bottlerocket == nil {
		return nil
	}
	data := base64.StdEncoding.EncodeToString(cabundle.Encode(b.Roots, cabundle.AKS)) // without comments, because it is base64
	return []File{{
		Name: "user-data.toml", Note: b.Count() + "; part of the user data of Bottlerocket",
		Data: fmt.Appendf(nil, "[settings.pki.%s]\ndata = \"%s\"\ntrusted = true\n", b.Spec.Name, data),
	}}
}

func talos(b plan.Bundle) []File {
	if b.Spec.To.Talos == nil {
		return nil
	}
	return []File{yaml("trusted-roots.yaml", b.Count()+"; talosctl patch machineconfig --patch @trusted-roots.yaml", map[string]any{
		"apiVersion": "v1alpha1", "kind": "TrustedRootsConfig", "name": b.Spec.Name,
		"certificates": string(cabundle.Encode(b.Roots, cabundle.Generic)),
	})}
}

// registries returns registries.yaml of K3s or RKE2.
func registries(b plan.Bundle, r *v1alpha1.Registries, distribution string) []File {
	if r == nil {
		return nil
	}
	dir, configs := "/etc/rancher/"+distribution+"/", map[string]any{}
	for _, host := range r.Hosts {
		configs[host] = map[string]any{"tls": map[string]any{"ca_file": dir + fileName(b.Spec)}}
	}
	return []File{
		pem(b, fileName(b.Spec), "in "+dir+" of every node"),
		yaml("registries.yaml", "in "+dir+" of every node, read when "+distribution+" starts; merge it with what is there", map[string]any{"configs": configs}),
	}
}
