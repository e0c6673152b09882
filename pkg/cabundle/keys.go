package cabundle

// The keys under which ConfigMaps hold PEM, and trust-manager's a trust store;
// its password keeps nobody out, and is the one that Java assumes.
const (
	CAKey         = "ca.crt"
	OpenShiftKey  = "ca-bundle.crt"
	StoreKey      = "trust.p12"
	StorePassword = "changeit"
)
