package plan

import (
	"cmp"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

// IssuerKey names an issuer.
type IssuerKey struct{ Kind, Namespace, Name string }

func (k IssuerKey) String() string {
	if k.Namespace == "" {
		return k.Kind + " " + k.Name
	}
	return k.Kind + " " + k.Namespace + "/" + k.Name
}

// IssuerOf names the issuer that a need refers to.
func IssuerOf(n Need) IssuerKey {
	ref := n.Certificate.IssuerRef
	key := IssuerKey{Kind: cmp.Or(ref.Kind, cm.IssuerKind), Name: ref.Name}
	if key.Kind != cm.ClusterIssuerKind {
		key.Namespace = n.Namespace
	}
	return key
}
