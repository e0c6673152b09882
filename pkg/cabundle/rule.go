package cabundle

import (
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// Rule describes the findings with one ID. IDs are permanent: an ID that is no
// longer used is not used again.
type Rule struct {
	ID           string
	What         string           // a short title
	Generic, AKS finding.Severity // "" if it does not matter for the target
	Action       Action           // of writing the canonical form
	Why          string           // why it matters, in sentences
	Fix          string           // by hand or with a command
	Lost         bool             // the certificate cannot be read; if allowed, it is left out
}

// Action is the effect of writing the canonical form on a finding. "" means that
// the certificate stays as it is.
type Action string

// A repaired or dropped finding does not prevent writing a bundle. Other errors
// do.
const (
	Repaired Action = "repaired"
	Dropped  Action = "dropped"
)

// Severity returns the severity of the rule's findings for a target.
func (r Rule) Severity(t Target) finding.Severity {
	if t == AKS {
		return r.AKS
	}
	return r.Generic
}

// FixFor returns the fix for a target. AKS rejects the comments of a generic
// bundle.
func (r Rule) FixFor(t Target) string {
	if t == AKS {
		return strings.ReplaceAll(r.Fix, makeBundle, makeBundleAKS)
	}
	return r.Fix
}

const (
	makeBundle    = "kubectl certs trust bundle does this"
	makeBundleAKS = "kubectl certs trust bundle --target aks does this"
)

// Target is the kind of consumer of a bundle.
type Target string

// Generic is any client of PEM, as in a ConfigMap, a Secret or a trust store;
// AKS is the file that az aks reads for --custom-ca-trust-certificates.
const (
	Generic Target = "generic"
	AKS     Target = "aks"
)

// Targets are all targets.
var Targets = []Target{Generic, AKS}

// RetiredOn is the date on which AKS's preview enableCustomCATrust ended
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
