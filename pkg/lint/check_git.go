package lint

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// scope tells of namespaces on kinds that Kustomize takes for namespaced.
func (j *judge) scope(o manifest.Object) {
	id := o.ID()
	isIssuer := id.Group == "cert-manager.io" && id.Kind == "ClusterIssuer"
	if id.Namespace != "" && (isIssuer || isTrust(id)) {
		j.say("C403", id, "metadata.namespace", "is %s, and a %s belongs to no namespace", id.Namespace, id.Kind)
	}
}

// keys tells of private keys anywhere in an object, and of passwords for
// them. What it says never has a value.
func (j *judge) keys(o manifest.Object) {
	id := o.ID()
	j.privateKeys(id, map[string]any(o), "")
	if id.Group != "cert-manager.io" || id.Kind != "Certificate" {
		return
	}
	for _, store := range []string{"jks", "pkcs12"} {
		if password, _ := o.Map("spec", "keystores", store)["password"].(string); isThere(password) {
			j.say("C405", id, "spec.keystores."+store+".password", "is written out")
		}
	}
}

// privateKeys tells of the fields that hold a private key.
func (j *judge) privateKeys(id manifest.ID, v any, field string) {
	switch v := v.(type) {
	case string:
		switch label, found := pki.PrivateKey(v); {
		case found && strings.HasPrefix(label, "ENCRYPTED"):
			j.say("C408", id, field, "is an encrypted private key")
		case found:
			j.say("C401", id, field, "is a private key")
		}
	case map[string]any:
		for key, inner := range v {
			if text, isText := inner.(string); !isText || pki.HasPrivateKey(text) { // most have none, and need no name
				j.privateKeys(id, inner, join(field, key))
			}
		}
	case []any:
		for i, inner := range v {
			j.privateKeys(id, inner, fmt.Sprintf("%s[%d]", field, i))
		}
	}
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// credentials tells of Secrets by which issuers prove control.
func (j *judge) credentials() {
	told := map[int]bool{}
	for _, i := range j.issuers {
		for _, ref := range i.secrets {
			for _, s := range j.secrets[ref.name] {
				isPublic := strings.HasSuffix(ref.field, ".caBundleSecretRef")
				if s.clear && !isPublic && i.reads(s.id.Namespace) && !told[s.at] {
					told[s.at], j.at = true, s.at
					j.say("C402", s.id, "", "holds what %s works with", i.id)
				}
			}
		}
	}
}
