package cabundle

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
