package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
)

// Roots are the CA certificates of each entry of trust, by its name: those of
// its files, checked and sorted.
type Roots map[string][]cabundle.Entry

// Bundle is CA certificates and their targets.
type Bundle struct {
	Spec  *v1alpha1.Trust
	Roots []cabundle.Entry
	// Secrets are the Secrets of private CAs, in trust-manager's namespace.
	// Their ca.crt is part of the bundle too.
	Secrets []string
}

// TrustDir is the folder of a bundle's target, in base or an overlay.
func (b Bundle) TrustDir(target string) string { return "trust/" + b.Spec.Name + "/" + target }

// Store is the key for trust-manager's trust store for Java, "" if none is
// requested.
func (b Bundle) Store() string {
	p := b.Spec.To.Pods
	if p == nil || p.Mount != v1alpha1.MountTrustManager || !slices.Contains(p.Variables, v1alpha1.JavaToolOptions) {
		return ""
	}
	return cabundle.StoreKey
}

// Count returns the number of certificates in words.
func (b Bundle) Count() string {
	if len(b.Roots) == 1 {
		return "1 CA certificate"
	}
	return fmt.Sprintf("%d CA certificates", len(b.Roots))
}

// contents returns the sources of the bundle in trust-manager.
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
		parts = append(parts, "the public CAs")
	}
	return enumerate(parts)
}

// enumerate returns a list in words: a, b and c.
func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// Anchor is an object that has CA certificates, or refers the cluster to them.
type Anchor struct {
	Object
	Kind AnchorKind
	Key  string // of a ConfigMap; "" for one that another component fills
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
