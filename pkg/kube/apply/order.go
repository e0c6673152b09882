package apply

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Order sorts objects into stages to be applied one after another: namespaces,
// definitions, issuers, the certificates of CAs, the issuers that sign with
// those, and the rest.
func Order(objects []manifest.Object) [][]manifest.Object {
	const rest = 6
	rank := func(o manifest.Object) int {
		switch o.Kind() {
		case "Namespace":
			return 0
		case "CustomResourceDefinition":
			return 1
		case "Secret", "ConfigMap", "Service":
			return 2
		case "ClusterIssuer", "Issuer":
			if o.Map("spec", "ca") != nil {
				return 5
			}
			return 3
		case "Certificate":
			if isCA, _ := o.Map("spec")["isCA"].(bool); isCA {
				return 4
			}
		}
		return rest
	}
	stages := make([][]manifest.Object, rest+1)
	for _, o := range objects {
		stages[rank(o)] = append(stages[rank(o)], o)
	}
	return slices.DeleteFunc(stages, func(s []manifest.Object) bool { return len(s) == 0 })
}
