package v1alpha1

import "strings"

// Trust is a bundle of CA certificates and its targets.
type Trust struct {
	Name        string   `json:"name" doc:"Name of the objects and of the folder in base/trust."`
	From        []string `json:"from,omitempty" doc:"Files, folders and globs with CA certificates, relative to certs.yaml, in any format that kubectl certs trust reads. Required without fromIssuers."`
	FromIssuers []string `json:"fromIssuers,omitempty" doc:"Issuers of this file with private. trust-manager reads their roots in the cluster, also after renewal. Only the targets trust-manager and pods with mount: trust-manager support it."`
	Allow       []string `json:"allow,omitempty" doc:"IDs of findings about the certificates to accept, for example T004."`
	To          Targets  `json:"to" doc:"Targets that trust the certificates; at least one."`
}

// Targets are where a bundle can be installed. Each has a folder in the tree.
type Targets struct {
	AKS                *NoOptions          `json:"aks,omitempty" doc:"Nodes of AKS: the file for az aks, and fragments for ARM, Bicep and Terraform."`
	AKSSecret          *NoOptions          `json:"aks-secret,omitempty" doc:"Secret kube-system/custom-ca-trust-secret, for a preview of AKS that was retired on 14 Sep 2026."`
	TrustManager       *TrustManager       `json:"trust-manager,omitempty" doc:"A ConfigMap in every namespace, from cert-manager's trust-manager."`
	ClusterTrustBundle *ClusterTrustBundle `json:"cluster-trust-bundle,omitempty" doc:"A ClusterTrustBundle, which every pod can mount."`
	ConfigMap          *ConfigMap          `json:"configmap,omitempty" doc:"A ConfigMap with key ca.crt in the listed namespaces."`
	OpenShift          *OpenShift          `json:"openshift,omitempty" doc:"The whole OpenShift cluster, through its cluster-wide proxy, and ConfigMaps that OpenShift fills with all CAs."`
	GKE                *GKE                `json:"gke,omitempty" doc:"containerd on GKE nodes, for image registries."`
	Bottlerocket       *NoOptions          `json:"bottlerocket,omitempty" doc:"Bottlerocket nodes, through user data."`
	Talos              *NoOptions          `json:"talos,omitempty" doc:"Talos Linux nodes, through a TrustedRootsConfig."`
	K3s                *Registries         `json:"k3s,omitempty" doc:"containerd of K3s, for image registries."`
	RKE2               *Registries         `json:"rke2,omitempty" doc:"containerd of RKE2, for image registries."`
	Containerd         *Registries         `json:"containerd,omitempty" doc:"containerd without a distribution, for image registries."`
	Pods               *Pods               `json:"pods,omitempty" doc:"A Kustomize component that mounts the bundle into your workloads and sets environment variables for it."`
}

// NoOptions is a target without options.
type NoOptions struct{}

// TrustManager distributes the bundle as a ConfigMap of its name.
type TrustManager struct {
	Version        TrustManagerVersion `json:"version,omitempty" doc:"v1alpha1 (default) for a Bundle, or v1alpha2 for a ClusterBundle, which replaces it as of trust-manager 0.25."`
	Namespaces     *NamespaceSelector  `json:"namespaces,omitempty" doc:"Namespaces that get the ConfigMap; default all."`
	DefaultCAs     bool                `json:"defaultCAs,omitempty" doc:"true adds trust-manager's bundle of public CAs."`
	TrustNamespace string              `json:"trustNamespace,omitempty" doc:"trust-manager's --trust-namespace, where it reads Secrets and where the roots of fromIssuers must be; default cert-manager."`
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
	MatchLabels map[string]string `json:"matchLabels" doc:"Labels of the namespaces."`
}

// ClusterTrustBundle has the options of a ClusterTrustBundle object.
type ClusterTrustBundle struct {
	Version    ClusterTrustBundleVersion `json:"version,omitempty" doc:"v1beta1 (default), available as of Kubernetes 1.33 if enabled; or v1, as of 1.37."`
	SignerName string                    `json:"signerName,omitempty" doc:"Signer that uses these roots, for example example.com/corp; it is part of the object's name."`
}

// ClusterTrustBundleVersion is a version of certificates.k8s.io.
type ClusterTrustBundleVersion string

// The supported versions.
const (
	V1Beta1 ClusterTrustBundleVersion = "v1beta1"
	V1      ClusterTrustBundleVersion = "v1"
)

// ConfigMap has the options of the ConfigMaps.
type ConfigMap struct {
	Namespaces []string `json:"namespaces,omitempty" doc:"Namespaces that get the ConfigMap; default the namespace that the overlay sets."`
}

// In returns the namespaces; "" is the namespace that the overlay sets.
func (m *ConfigMap) In() []string {
	if len(m.Namespaces) == 0 {
		return []string{""}
	}
	return m.Namespaces
}

// OpenShift has the options for OpenShift.
type OpenShift struct {
	Namespaces []string `json:"namespaces,omitempty" doc:"Namespaces that get a ConfigMap with key ca-bundle.crt, which OpenShift fills with these CAs, its own and the public ones."`
}

// GKE has the options for containerd on GKE.
type GKE struct {
	SecretURI string   `json:"secretURI" doc:"Secret Manager secret with the bundle, for example projects/P/secrets/S/versions/1."`
	Hosts     []string `json:"hosts" doc:"Registries that the bundle is for, with their ports."`
}

// Registries are image registries.
type Registries struct {
	Hosts []string `json:"hosts" doc:"Registries that the bundle is for, with their ports."`
}

// Pods has the options for mounting the bundle into workloads.
type Pods struct {
	MatchLabels map[string]string `json:"matchLabels,omitempty" doc:"Labels of the workloads; default kubectl-certs.dev/trust: NAME."`
	Mount       Mount             `json:"mount,omitempty" doc:"Target of which the object is mounted: trust-manager, openshift or cluster-trust-bundle. By default the component has its own ConfigMap, and pods restart when it changes."`
	Variables   []Variable        `json:"variables,omitempty" doc:"Environment variables to set to the path of the bundle; default SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and GIT_SSL_CAINFO. JAVA_TOOL_OPTIONS adds a trust store for Java. [] sets none."`
}

// Mount is the target of the mounted object; "" for a ConfigMap of the
// component.
type Mount string

// The targets with objects that pods can mount.
const (
	MountTrustManager       Mount = "trust-manager"
	MountOpenShift          Mount = "openshift"
	MountClusterTrustBundle Mount = "cluster-trust-bundle"
)

// Variable is an environment variable from which programs read the path of CAs.
type Variable string

// The variables. All except NODE_EXTRA_CA_CERTS replace the CAs of the image.
const (
	SSLCertFile      Variable = "SSL_CERT_FILE"       // OpenSSL, Go, Ruby, Rust
	NodeExtraCACerts Variable = "NODE_EXTRA_CA_CERTS" // Node.js
	RequestsCABundle Variable = "REQUESTS_CA_BUNDLE"  // Python's requests
	CurlCABundle     Variable = "CURL_CA_BUNDLE"      // curl
	GitSSLCAInfo     Variable = "GIT_SSL_CAINFO"      // Git
	JavaToolOptions  Variable = "JAVA_TOOL_OPTIONS"   // Java
)

// fileVariables have the path of a PEM file as their value.
var fileVariables = []Variable{SSLCertFile, NodeExtraCACerts, RequestsCABundle, CurlCABundle, GitSSLCAInfo}

// The objects with fixed names.
const (
	AKSSecretName      = "custom-ca-trust-secret"
	AKSSecretNamespace = "kube-system"
	OpenShiftName      = "user-ca-bundle"
	OpenShiftNamespace = "openshift-config"
)

// ClusterTrustBundleName names the ClusterTrustBundle of a bundle. With a
// signer the name must start with that of the signer.
func (t *Trust) ClusterTrustBundleName() string {
	if b := t.To.ClusterTrustBundle; b != nil && b.SignerName != "" {
		return strings.ReplaceAll(b.SignerName, "/", ":") + ":" + t.Name
	}
	return t.Name
}
