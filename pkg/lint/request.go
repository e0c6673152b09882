package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// request is a requested certificate, with the object that requests it.
type request struct {
	plan.Need
	object manifest.Object
	fields *nameFields
	by     manifest.ID
	at     int
	names  []string
	issuer *issuer // nil if unknown
}

// issuerField returns the field that names the issuer.
func (r *request) issuerField() string {
	switch r.by.Kind {
	case "Certificate":
		return "spec.issuerRef"
	case "VirtualServer":
		return "spec.tls.cert-manager"
	}
	return "metadata.annotations"
}

// specField returns the field of a setting: a field of a Certificate, or a word of
// a VirtualServer or of an annotation.
func (r *request) specField(field, word string) string {
	switch r.by.Kind {
	case "Certificate":
		return "spec." + field
	case "VirtualServer":
		return "spec.tls.cert-manager." + word
	}
	return "metadata.annotations.cert-manager.io/" + word
}

// nameField returns the field with a requested name.
func (r *request) nameField(name string) string {
	switch r.by.Kind {
	case "Certificate":
		if i := slices.Index(r.Certificate.DNSNames, name); i >= 0 {
			return fmt.Sprintf("spec.dnsNames[%d]", i)
		}
		if i := slices.Index(r.Certificate.IPAddresses, name); i >= 0 {
			return fmt.Sprintf("spec.ipAddresses[%d]", i)
		}
		return "spec"
	case "VirtualServer":
		return "spec.host"
	}
	if field := r.fields.of(name, r.Certificate.SecretName); field != "" {
		return field
	}
	return "metadata.annotations"
}

// nameFields finds the fields with requested names of an Ingress or Gateway. It is
// built on first use, because most are never needed.
type nameFields struct {
	object manifest.Object
	fields map[[2]string]string // by name and Secret
}

func (p *nameFields) of(name, secret string) string {
	if p.fields == nil {
		p.fields = map[[2]string]string{}
		for i, l := range manifest.Maps(p.object.Map("spec")["listeners"]) {
			if host, ok := l["hostname"].(string); ok {
				p.fields[[2]string{host}] = fmt.Sprintf("spec.listeners[%d].hostname", i)
			}
		}
		for i, tls := range manifest.Maps(p.object.Map("spec")["tls"]) {
			secret, _ := tls["secretName"].(string)
			for k, host := range manifest.Texts(tls["hosts"]) {
				p.fields[[2]string{host, secret}] = fmt.Sprintf("spec.tls[%d].hosts[%d]", i, k)
			}
		}
	}
	return cmp.Or(p.fields[[2]string{name, secret}], p.fields[[2]string{name}])
}
