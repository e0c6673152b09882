package lint

import (
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// scope reports namespaces on cluster-scoped kinds that Kustomize treats as
// namespaced.
func (l *linter) scope(o manifest.Object) {
	id := o.ID()
	isIssuer := id.Group == "cert-manager.io" && id.Kind == "ClusterIssuer"
	if id.Namespace != "" && (isIssuer || isTrust(id)) {
		l.report("C403", id, "metadata.namespace", "is %s, but %s is cluster-scoped", id.Namespace, id.Kind)
	}
}

// keys reports private keys and their passwords anywhere in an object. Its
// messages never contain values.
func (l *linter) keys(o manifest.Object) {
	id := o.ID()
	l.privateKeys(id, map[string]any(o), "")
	if id.Group != "cert-manager.io" || id.Kind != "Certificate" {
		return
	}
	for _, store := range []string{"jks", "pkcs12"} {
		if password, _ := o.Map("spec", "keystores", store)["password"].(string); isThere(password) {
			l.report("C405", id, "spec.keystores."+store+".password", "is in clear text")
		}
	}
}

// privateKeys reports the fields that hold a private key.
func (l *linter) privateKeys(id manifest.ID, v any, field string) {
	switch v := v.(type) {
	case string:
		switch label, found := pki.PrivateKey(v); {
		case found && strings.HasPrefix(label, "ENCRYPTED"):
			l.report("C408", id, field, "is an encrypted private key")
		case found:
			l.report("C401", id, field, "is a private key")
		}
	case map[string]any:
		for key, inner := range v {
			if text, isText := inner.(string); !isText || pki.HasPrivateKey(text) { // skip join for most values
				l.privateKeys(id, inner, join(field, key))
			}
		}
	case []any:
		for i, inner := range v {
			l.privateKeys(id, inner, fmt.Sprintf("%s[%d]", field, i))
		}
	}
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

// credentials reports Secrets in clear text that issuers refer to.
func (l *linter) credentials() {
	reported := map[int]bool{}
	for _, i := range l.issuers {
		for _, ref := range i.secrets {
			for _, s := range l.secrets[ref.name] {
				isPublic := strings.HasSuffix(ref.field, ".caBundleSecretRef")
				if s.clear && !isPublic && i.reads(s.id.Namespace) && !reported[s.at] {
					reported[s.at], l.at = true, s.at
					l.report("C402", s.id, "", "has credentials of %s", i.id)
				}
			}
		}
	}
}
