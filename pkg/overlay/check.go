package overlay

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// CheckReferences reports every object of a build that asks for an issuer of
// the plan under the name that the build has changed: a namePrefix or
// nameSuffix reached the issuer, and not the field that names it. An issuer
// that a build leaves out is no error; it may be managed elsewhere.
func CheckReferences(built []manifest.Object, planned []manifest.Built) error {
	renamed := renamedIssuers(built, planned)
	if len(renamed) == 0 {
		return nil
	}
	needs, err := manifest.Needs(built)
	errs := []error{err}
	for _, n := range needs {
		ref := n.Certificate.IssuerRef
		if now := renamed[ref.Kind+"/"+ref.Name]; now != "" {
			errs = append(errs, fmt.Errorf("%s/%s asks for %s/%s, which the kustomization renames to %s; add the field to a nameReference configuration, or leave the names alone",
				n.By.Kind, n.By.Name, ref.Kind, ref.Name, now))
		}
	}
	return errors.Join(errs...)
}

// renamedIssuers finds the planned issuers that a build has under another name
// only, one that contains the planned name.
func renamedIssuers(built []manifest.Object, planned []manifest.Built) map[string]string {
	there := map[string]bool{}
	for _, o := range built {
		if isIssuer(o) {
			there[o.Kind()+"/"+o.Name()] = true
		}
	}
	renamed := map[string]string{}
	for _, p := range planned {
		key := p.Kind() + "/" + p.Name()
		if !isIssuer(p.Object) || there[key] {
			continue
		}
		for _, now := range sortedKeys(there) {
			kind, name, _ := strings.Cut(now, "/")
			if kind == p.Kind() && strings.Contains(name, p.Name()) {
				renamed[key] = name
			}
		}
	}
	return renamed
}

func isIssuer(o manifest.Object) bool {
	return o.ID().Group == "cert-manager.io" && (o.Kind() == "ClusterIssuer" || o.Kind() == "Issuer")
}
