package cabundle

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// Rule is what every finding of one ID has in common. IDs are for good: one
// that is no longer used is not used again.
type Rule struct {
	ID           string
	What         string           // is the case, in a few words
	Generic, AKS finding.Severity // "" where the target does not mind
	Bundle       Action           // what writing the canonical form does about it
	Why          string           // it matters
	Fix          string           // by hand, or with a command
	Lost         bool             // there is no certificate to be had: who allows it goes without
}

// Action is what writing the canonical form does about a finding. The zero
// value is nothing: the certificate stays as it is.
type Action string

// What is repaired or dropped does not keep a bundle from being written; any
// other error does.
const (
	Repaired Action = "repaired"
	Dropped  Action = "dropped"
)

// Severity returns how bad the rule's findings are for a target.
func (r Rule) Severity(t Target) finding.Severity {
	if t == AKS {
		return r.AKS
	}
	return r.Generic
}

// FixFor returns what to do for a target: AKS refuses the comments that a
// bundle has for everybody else.
func (r Rule) FixFor(t Target) string {
	if t == AKS {
		return strings.ReplaceAll(r.Fix, makeBundle, makeBundleAKS)
	}
	return r.Fix
}

const (
	makeBundle    = "kubectl certs trust bundle writes it right"
	makeBundleAKS = "kubectl certs trust bundle --target aks writes it right"
)

// Target is where a bundle is to be trusted.
type Target string

// Generic is any client of PEM, as in a ConfigMap, a Secret or a trust store;
// AKS is the file that az aks reads for --custom-ca-trust-certificates.
const (
	Generic Target = "generic"
	AKS     Target = "aks"
)

// Targets are all there are.
var Targets = []Target{Generic, AKS}

// RetiredOn is when AKS' preview enableCustomCATrust ended
// (github.com/Azure/AKS/issues/5826).
const RetiredOn = "14 Sep 2026"

// The limits of targets, from their own documentation and source.
const (
	maxAKS = 10 // certificates in one cluster
	// MaxObject is bytes of data in a Secret or ConfigMap (MaxSecretSize).
	MaxObject     = 1 << 20
	maxAnnotation = 262_144 // bytes of an object's annotations (TotalAnnotationSizeLimitB)
	aksSecret     = "custom-ca-trust-secret"
	aksNamespace  = "kube-system"
)
