package overlay

import (
	"errors"
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// CheckReferences reports every certificate of a build whose issuer is not in
// it under the name that is asked for, though the plan has that issuer: a
// kustomization on the way renamed it where nameReference does not reach.
func CheckReferences(built []manifest.Object, planned []manifest.Built) error {
	type issuer struct{ kind, namespace, name string }
	in := map[issuer]bool{}
	for _, o := range built {
		in[issuer{o.Kind(), o.Namespace(), o.Name()}] = true
	}
	expected := map[string]bool{}
	for _, o := range planned {
		if o.Kind() == "ClusterIssuer" || o.Kind() == "Issuer" {
			expected[o.Kind()+"/"+o.Name()] = true
		}
	}
	needs, err := manifest.Needs(built)
	errs := []error{err}
	for _, n := range needs {
		ref := n.Certificate.IssuerRef
		namespace := n.Namespace
		if ref.Kind == "ClusterIssuer" {
			namespace = ""
		}
		if expected[ref.Kind+"/"+ref.Name] && !in[issuer{ref.Kind, namespace, ref.Name}] {
			errs = append(errs, dangling(n))
		}
	}
	return errors.Join(errs...)
}

func dangling(n plan.Need) error {
	ref := n.Certificate.IssuerRef
	return fmt.Errorf("%s/%s asks for issuer %s/%s, which the kustomization renames or leaves out; keep the names of issuers, or name-references.yaml in every base",
		n.By.Kind, n.By.Name, ref.Kind, ref.Name)
}
