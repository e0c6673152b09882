package lint

import (
	"fmt"
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// issuerField is where an object names its issuer.
func (a *asked) issuerField() string {
	switch a.by.Kind {
	case "Certificate":
		return "spec.issuerRef"
	case "VirtualServer":
		return "spec.tls.cert-manager"
	}
	return "metadata.annotations"
}

// wishField is where an object says what a Certificate says in a field, and
// annotations in a word.
func (a *asked) wishField(field, word string) string {
	switch a.by.Kind {
	case "Certificate":
		return "spec." + field
	case "VirtualServer":
		return "spec.tls.cert-manager." + word
	}
	return "metadata.annotations.cert-manager.io/" + word
}

// nameField is where an object asks for a name.
func (a *asked) nameField(name string) string {
	o := a.object
	switch a.by.Kind {
	case "Certificate":
		if i := slices.Index(a.Certificate.DNSNames, name); i >= 0 {
			return fmt.Sprintf("spec.dnsNames[%d]", i)
		}
		if i := slices.Index(a.Certificate.IPAddresses, name); i >= 0 {
			return fmt.Sprintf("spec.ipAddresses[%d]", i)
		}
		return "spec"
	case "VirtualServer":
		return "spec.host"
	case "Gateway":
		for i, l := range manifest.Maps(o.Map("spec")["listeners"]) {
			if l["hostname"] == name {
				return fmt.Sprintf("spec.listeners[%d].hostname", i)
			}
		}
	case "Ingress":
		for i, tls := range manifest.Maps(o.Map("spec")["tls"]) {
			if k := slices.Index(manifest.Texts(tls["hosts"]), name); k >= 0 && tls["secretName"] == a.Certificate.SecretName {
				return fmt.Sprintf("spec.tls[%d].hosts[%d]", i, k)
			}
		}
	}
	return "metadata.annotations"
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
