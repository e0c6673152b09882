package usage

import (
	"cmp"
	"strings"
)

// Ref names an object in a cluster. Namespace is "" where the kind has none.
type Ref struct {
	Kind, Namespace, Name string
}

// String returns kind, namespace and name: secret/shop/web-tls.
func (r Ref) String() string {
	kind := strings.ToLower(r.Kind)
	if r.Namespace == "" {
		return kind + "/" + r.Name
	}
	return kind + "/" + r.Namespace + "/" + r.Name
}

// Compare orders references by namespace, kind and name.
func (r Ref) Compare(other Ref) int {
	return cmp.Or(
		strings.Compare(r.Namespace, other.Namespace),
		strings.Compare(r.Kind, other.Kind),
		strings.Compare(r.Name, other.Name))
}
