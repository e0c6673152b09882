package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
)

// Roots are the CA certificates of each entry of trust, by its name: what its
// files hold, found good and brought into their order.
type Roots map[string][]cabundle.Entry

// Bundle is CA certificates and who is to trust them.
type Bundle struct {
	Spec  *v1alpha1.Trust
	Roots []cabundle.Entry
	// Secrets are those of private CAs, in trust-manager's namespace, whose
	// ca.crt is part of it too.
	Secrets []string
}

// TrustDir is the folder of a bundle's target, below base or an overlay.
func (b Bundle) TrustDir(target string) string { return "trust/" + b.Spec.Name + "/" + target }

// Store is the key under which trust-manager is to put a trust store for Java,
// "" if nobody asks for one.
func (b Bundle) Store() string {
	p := b.Spec.To.Pods
	if p == nil || p.Mount != v1alpha1.MountTrustManager || !slices.Contains(p.Variables, v1alpha1.JavaToolOptions) {
		return ""
	}
	return cabundle.StoreKey
}

// Count says how many certificates there are.
func (b Bundle) Count() string {
	if len(b.Roots) == 1 {
		return "1 CA certificate"
	}
	return fmt.Sprintf("%d CA certificates", len(b.Roots))
}

// contents says what trust-manager puts together.
func (b Bundle) contents() string {
	var parts []string
	if len(b.Roots) > 0 {
		parts = append(parts, b.Count())
	}
	switch names := b.Spec.FromIssuers; len(names) {
	case 0:
	case 1:
		parts = append(parts, "the root of "+names[0])
	default:
		parts = append(parts, "the roots of "+enumerate(names))
	}
	if b.Spec.To.TrustManager.DefaultCAs {
		parts = append(parts, "the public ones")
	}
	return enumerate(parts)
}

// enumerate is a list in words, as in a, b and c.
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Anchor is an object that carries CA certificates, or tells the cluster where
// they are.
type Anchor struct {
	Object
	Kind AnchorKind
	Key  string // of a ConfigMap; "" for one that somebody else fills
	Of   Bundle
}

// AnchorKind is the kind of an Anchor.
type AnchorKind string

// The kinds of anchors.
const (
	ConfigMap          AnchorKind = "ConfigMap"
	Secret             AnchorKind = "Secret"
	TrustBundle        AnchorKind = "Bundle"
	ClusterBundle      AnchorKind = "ClusterBundle"
	ClusterTrustBundle AnchorKind = "ClusterTrustBundle"
	Proxy              AnchorKind = "Proxy"
)
