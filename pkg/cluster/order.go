package cluster

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// Order sorts objects into stages, each to be there before the next: what
// others live in, what others are defined by, issuers, then the rest.
func Order(objects []manifest.Object) [][]manifest.Object {
	rank := func(o manifest.Object) int {
		switch o.Kind() {
		case "Namespace":
			return 0
		case "CustomResourceDefinition":
			return 1
		case "Secret", "ConfigMap", "Service":
			return 2
		case "ClusterIssuer", "Issuer":
			return 3
		}
		return 4
	}
	stages := make([][]manifest.Object, 5)
	for _, o := range objects {
		stages[rank(o)] = append(stages[rank(o)], o)
	}
	return slices.DeleteFunc(stages, func(s []manifest.Object) bool { return len(s) == 0 })
}
