package v1alpha1

import "strings"

// Trust is a bundle of CA certificates and where it is to be trusted.
type Trust struct {
	Name        string   `json:"name" doc:"Name of the objects, and of the folder below base/trust."`
	From        []string `json:"from,omitempty" doc:"Files, folders and globs with CA certificates, relative to certs.yaml, in any form that kubectl certs trust reads. Required unless there is fromIssuers."`
	FromIssuers []string `json:"fromIssuers,omitempty" doc:"Issuers of this file with private, whose roots trust-manager reads in the cluster and follows when they are renewed. All other targets but pods with mount: trust-manager need files."`
	Allow       []string `json:"allow,omitempty" doc:"Findings about the certificates to take for notes, as in T004."`
	To          Targets  `json:"to" doc:"Who is to trust them; one or more."`
}

// Targets are who can be made to trust a bundle. Each is a folder of the tree.
type Targets struct {
	AKS                *NoOptions          `json:"aks,omitempty" doc:"Nodes of AKS: the file for az aks, and fragments for ARM, Bicep and Terraform."`
	AKSSecret          *NoOptions          `json:"aks-secret,omitempty" doc:"Secret kube-system/custom-ca-trust-secret, of a preview of AKS that retired on 14 Sep 2026."`
	TrustManager       *TrustManager       `json:"trust-manager,omitempty" doc:"A ConfigMap in every namespace, by cert-manager's trust-manager."`
	ClusterTrustBundle *ClusterTrustBundle `json:"cluster-trust-bundle,omitempty" doc:"A ClusterTrustBundle, which any pod can mount."`
	ConfigMap          *ConfigMap          `json:"configmap,omitempty" doc:"A ConfigMap with key ca.crt in namespaces that are listed."`
	OpenShift          *OpenShift          `json:"openshift,omitempty" doc:"All of an OpenShift cluster, by its cluster-wide proxy; and ConfigMaps that OpenShift fills with all CAs."`
	GKE                *GKE                `json:"gke,omitempty" doc:"containerd on nodes of GKE, for registries."`
	Bottlerocket       *NoOptions          `json:"bottlerocket,omitempty" doc:"Nodes that run Bottlerocket, by user data."`
	Talos              *NoOptions          `json:"talos,omitempty" doc:"Nodes that run Talos Linux, by a TrustedRootsConfig."`
	K3s                *Registries         `json:"k3s,omitempty" doc:"containerd of K3s, for registries."`
	RKE2               *Registries         `json:"rke2,omitempty" doc:"containerd of RKE2, for registries."`
	Containerd         *Registries         `json:"containerd,omitempty" doc:"containerd by itself, for registries."`
	Pods               *Pods               `json:"pods,omitempty" doc:"A Kustomize component that mounts the bundle into workloads of yours and points programs to it."`
}

// NoOptions is a target that there is nothing to say of.
type NoOptions struct{}

// TrustManager spreads the bundle as a ConfigMap of its name.
type TrustManager struct {
	Version        TrustManagerVersion `json:"version,omitempty" doc:"v1alpha1 (default), a Bundle; or v1alpha2, a ClusterBundle, which takes its place from trust-manager 0.25 on."`
	Namespaces     *NamespaceSelector  `json:"namespaces,omitempty" doc:"Which namespaces get the ConfigMap; left out, all."`
	DefaultCAs     bool                `json:"defaultCAs,omitempty" doc:"true adds the public CAs that trust-manager comes with."`
	TrustNamespace string              `json:"trustNamespace,omitempty" doc:"The namespace in which trust-manager reads Secrets (its --trust-namespace), and the roots of fromIssuers must be; default cert-manager."`
}

// TrustManagerVersion is a version of trust-manager's API.
type TrustManagerVersion string

// The versions of trust-manager's API.
const (
	Bundle        TrustManagerVersion = "v1alpha1" // trust.cert-manager.io
	ClusterBundle TrustManagerVersion = "v1alpha2" // trust-manager.io
)

// NamespaceSelector selects namespaces.
type NamespaceSelector struct {
	MatchLabels map[string]string `json:"matchLabels" doc:"Labels that the namespaces have."`
}

// ClusterTrustBundle is the object of that name.
type ClusterTrustBundle struct {
	Version    ClusterTrustBundleVersion `json:"version,omitempty" doc:"v1beta1 (default), served from Kubernetes 1.33 on where it is switched on; or v1, from 1.37 on."`
	SignerName string                    `json:"signerName,omitempty" doc:"Signer whose roots these are, such as example.com/corp; it becomes part of the object's name."`
}

// ClusterTrustBundleVersion is a version of certificates.k8s.io.
type ClusterTrustBundleVersion string

// The versions that have a ClusterTrustBundle.
const (
	V1Beta1 ClusterTrustBundleVersion = "v1beta1"
	V1      ClusterTrustBundleVersion = "v1"
)

// ConfigMap is one ConfigMap, or several.
type ConfigMap struct {
	Namespaces []string `json:"namespaces,omitempty" doc:"Namespaces that get the ConfigMap; left out, the overlay decides."`
}

// In are the namespaces; "" is whichever the overlay decides.
func (m *ConfigMap) In() []string {
	if len(m.Namespaces) == 0 {
		return []string{""}
	}
	return m.Namespaces
}

// OpenShift is what OpenShift has for it.
type OpenShift struct {
	Namespaces []string `json:"namespaces,omitempty" doc:"Namespaces that get a ConfigMap which OpenShift fills with all CAs, its own and the public ones too, under ca-bundle.crt."`
}

// GKE is the configuration of containerd that GKE takes.
type GKE struct {
	SecretURI string   `json:"secretURI" doc:"Secret of Secret Manager that holds the bundle, as in projects/P/secrets/S/versions/1."`
	Hosts     []string `json:"hosts" doc:"Registries that are to be trusted by it, with their ports."`
}

// Registries are image registries.
type Registries struct {
	Hosts []string `json:"hosts" doc:"Registries that are to be trusted by it, with their ports."`
}

// Pods is how workloads get at the bundle.
type Pods struct {
	MatchLabels map[string]string `json:"matchLabels,omitempty" doc:"Labels of the workloads; default kubectl-certs.dev/trust: NAME."`
	Mount       Mount             `json:"mount,omitempty" doc:"Target whose object is mounted: trust-manager, openshift or cluster-trust-bundle. Left out, a ConfigMap that comes with the component, whose change restarts the pods."`
	Variables   []Variable        `json:"variables,omitempty" doc:"Environment variables to point to it; default SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and GIT_SSL_CAINFO. JAVA_TOOL_OPTIONS brings a trust store for Java. [] sets none."`
}

// Mount is the target whose object pods mount; empty for one of their own.
type Mount string

// The targets whose objects pods can mount.
const (
	MountTrustManager       Mount = "trust-manager"
	MountOpenShift          Mount = "openshift"
	MountClusterTrustBundle Mount = "cluster-trust-bundle"
)

// Variable is an environment variable by which programs find CAs.
type Variable string

// The variables. All but NODE_EXTRA_CA_CERTS replace what the image trusts.
const (
	SSLCertFile      Variable = "SSL_CERT_FILE"       // OpenSSL, Go, Ruby, Rust
	NodeExtraCACerts Variable = "NODE_EXTRA_CA_CERTS" // Node.js
	RequestsCABundle Variable = "REQUESTS_CA_BUNDLE"  // Python's requests
	CurlCABundle     Variable = "CURL_CA_BUNDLE"      // curl
	GitSSLCAInfo     Variable = "GIT_SSL_CAINFO"      // Git
	JavaToolOptions  Variable = "JAVA_TOOL_OPTIONS"   // Java
)

// fileVariables hold the path of a file with PEM.
var fileVariables = []Variable{SSLCertFile, NodeExtraCACerts, RequestsCABundle, CurlCABundle, GitSSLCAInfo}

// The objects whose names are not the user's to choose.
const (
	AKSSecretName      = "custom-ca-trust-secret"
	AKSSecretNamespace = "kube-system"
	OpenShiftName      = "user-ca-bundle"
	OpenShiftNamespace = "openshift-config"
)

// ClusterTrustBundleName names the ClusterTrustBundle of a bundle: the name of
// its signer, if it has one, must come first.
func (t *Trust) ClusterTrustBundleName() string {
	if b := t.To.ClusterTrustBundle; b != nil && b.SignerName != "" {
		return strings.ReplaceAll(b.SignerName, "/", ":") + ":" + t.Name
	}
	return t.Name
}
