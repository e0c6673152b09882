package v1alpha1

import (
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// What certs.yaml must say of itself.
const (
	APIVersion = "kubectl-certs.dev/v1alpha1"
	Kind       = "Certs"
)

// Certs is the content of certs.yaml. A field without omitempty is required.
type Certs struct {
	APIVersion     string         `json:"apiVersion" doc:"Always kubectl-certs.dev/v1alpha1."`
	Kind           string         `json:"kind" doc:"Always Certs."`
	Metadata       Metadata       `json:"metadata,omitempty" doc:"Names this file."`
	IngressClasses []IngressClass `json:"ingressClasses,omitempty" doc:"Which controller stands behind a class name. Names that start with nginx count as NGINX Ingress Controller unless listed here."`
	Responder      Responder      `json:"responder,omitempty" doc:"What answers HTTP-01 challenges through permanent routes (http01: static)."`
	Issuers        []Issuer       `json:"issuers,omitempty" doc:"Who issues: ClusterIssuers and Issuers."`
	Expose         []Expose       `json:"expose,omitempty" doc:"Hosts with their routes and their TLS."`
	Certificates   []Certificate  `json:"certificates,omitempty" doc:"Certificates that belong to no route here."`
	Trust          []Trust        `json:"trust,omitempty" doc:"CA certificates, and who is to trust them."`
	Environments   []Override     `json:"environments,omitempty" doc:"One overlay each; without any there is one, overlays/default."`
}

// Metadata names a certs.yaml.
type Metadata struct {
	Name string `json:"name,omitempty" doc:"A name for this set of certificates."`
}

// IngressClass tells which controller serves a class of Ingresses.
type IngressClass struct {
	Name       string     `json:"name" doc:"Name of the IngressClass."`
	Controller Controller `json:"controller" doc:"What IngressClass spec.controller says, such as nginx.org/ingress-controller or traefik.io/ingress-controller."`
}

// Controller is the value of IngressClass spec.controller.
type Controller string

// NGINXIngressController is F5's controller, which refuses a second Ingress
// for a host unless both are mergeable, and which reads VirtualServers.
const NGINXIngressController Controller = "nginx.org/ingress-controller"

// Responder is the Service behind the permanent routes for challenges. All of
// them are in its namespace.
type Responder struct {
	Namespace string `json:"namespace,omitempty" doc:"Namespace of the Service and of the routes to it; default kubectl-certs."`
	Service   string `json:"service,omitempty" doc:"Name of the Service; default certs-responder."`
	Port      int32  `json:"port,omitempty" doc:"Port of the Service; default 80. Its pods listen on 8089."`
	Default   bool   `json:"default,omitempty" doc:"true makes http01: static the default of all hosts that an issuer of this file proves by HTTP-01."`
}

// Issuer is a ClusterIssuer or an Issuer. Exactly one type must be given,
// except that an existing one has none.
type Issuer struct {
	Name        string               `json:"name" doc:"Name of the object, and what expose and certificates refer to."`
	Kind        IssuerKind           `json:"kind,omitempty" doc:"ClusterIssuer, or Issuer together with namespace. Default: Issuer where a namespace is given, else ClusterIssuer."`
	Namespace   string               `json:"namespace,omitempty" doc:"Namespace of an Issuer."`
	Existing    bool                 `json:"existing,omitempty" doc:"The issuer is made elsewhere: it is referred to, not written."`
	Group       string               `json:"group,omitempty" doc:"API group of an existing external issuer; default cert-manager.io."`
	Labels      map[string]string    `json:"labels,omitempty" doc:"Labels of the object."`
	Annotations map[string]string    `json:"annotations,omitempty" doc:"Annotations of the object."`
	ACME        *ACME                `json:"acme,omitempty" doc:"An ACME CA such as Let's Encrypt."`
	CA          *cm.CAIssuer         `json:"ca,omitempty" doc:"A CA whose key is in a Secret."`
	Private     *Private             `json:"private,omitempty" doc:"A CA of one's own, made in the cluster: a root that signs itself, and the issuer that signs with it."`
	SelfSigned  *cm.SelfSignedIssuer `json:"selfSigned,omitempty" doc:"Self-signed certificates."`
	Vault       *cm.VaultIssuer      `json:"vault,omitempty" doc:"HashiCorp Vault."`
	Venafi      *cm.VenafiIssuer     `json:"venafi,omitempty" doc:"CyberArk Certificate Manager (Venafi)."`
}

// Private is a CA of one's own. It stands for three objects: an issuer that
// lets a key sign itself, the root certificate, and the issuer that signs with
// it.
type Private struct {
	CommonName      string                    `json:"commonName" doc:"Common name of the root, such as Example Root CA; how people know it in trust stores."`
	Subject         *cm.X509Subject           `json:"subject,omitempty" doc:"Subject besides the common name."`
	Duration        *metav1.Duration          `json:"duration,omitempty" doc:"Lifetime of the root; default 87600h, ten years."`
	RenewBefore     *metav1.Duration          `json:"renewBefore,omitempty" doc:"Renew the root this long before it ends; default a third of its lifetime, so that there is time to spread its successor."`
	PrivateKey      *cm.CertificatePrivateKey `json:"privateKey,omitempty" doc:"Key of the root; default ECDSA. It is kept at renewal (rotationPolicy: Never), so that the old and the new root vouch for each other's certificates; with Always, trust cannot follow the root by fromIssuers."`
	NameConstraints *cm.NameConstraints       `json:"nameConstraints,omitempty" doc:"Names that the CA may vouch for, such as {critical: true, permitted: {dnsDomains: [corp.example.com]}}."`
	Namespace       string                    `json:"namespace,omitempty" doc:"Where a ClusterIssuer's root and its Secret are: cert-manager's cluster resource namespace, default cert-manager. An Issuer has them beside it."`
}

// IssuerKind is the kind of issuer object.
type IssuerKind string

// The issuer kinds. An existing issuer of another group may have any kind.
const (
	ClusterIssuer    IssuerKind = "ClusterIssuer"
	NamespacedIssuer IssuerKind = "Issuer"
)

// ACME is cert-manager's ACME issuer with two shorthands: a server by name and
// solvers whose HTTP-01 part may be left for the plan to derive.
type ACME struct {
	cmacme.ACMEIssuer `json:",inline"`

	Server              string      `json:"server" doc:"letsencrypt, letsencrypt-staging, or the https URL of the ACME directory."`
	PrivateKeySecretRef *AccountKey `json:"privateKeySecretRef,omitempty" doc:"Secret of the account key; default <issuer>-account-key."`
	DNSPersist          *DNSPersist `json:"dnsPersist,omitempty" doc:"The permanent TXT record that proves control by dns-persist-01, for kubectl certs run; cert-manager knows nothing of it."`
	Solvers             []Solver    `json:"solvers" doc:"How control of a name is proved; cert-manager picks the most specific selector."`
}

// DNSPersist is what a permanent TXT record says of the CA and of the account
// (draft-ietf-acme-dns-persist).
type DNSPersist struct {
	AccountURI   string  `json:"accountURI" doc:"URI of the ACME account, as the CA gives it out when the account is registered."`
	IssuerDomain string  `json:"issuerDomain,omitempty" doc:"The domain by which the CA goes in the record; default letsencrypt.org for Let's Encrypt."`
	PersistUntil string  `json:"persistUntil,omitempty" doc:"When the record becomes void, as 2027-12-31 or 2027-12-31T00:00:00Z; left out, never."`
	Emit         Emitter `json:"emit,omitempty" doc:"external-dns writes the records of all names of the issuer as DNSEndpoint objects; none (default) leaves them to you."`
}

// Emitter is what publishes DNS records.
type Emitter string

// The emitters.
const (
	ExternalDNS Emitter = "external-dns" // by DNSEndpoint (externaldns.k8s.io)
	NoEmitter   Emitter = "none"
)

// AccountKey names the Secret that holds an ACME account key.
type AccountKey struct {
	Name string `json:"name" doc:"Name of the Secret."`
	Key  string `json:"key,omitempty" doc:"Key in the Secret; default tls.key."`
}

// Solver is one entry of an ACME issuer's solvers: exactly one of HTTP01 and DNS01.
type Solver struct {
	Selector               *cmacme.CertificateDNSNameSelector `json:"selector,omitempty" doc:"Which names and certificates this solver is for; without one it is the fallback."`
	HTTP01                 *HTTP01                            `json:"http01,omitempty" doc:"Answer over HTTP on port 80. {} derives the solver from how each host is exposed."`
	DNS01                  *cmacme.ACMEChallengeSolverDNS01   `json:"dns01,omitempty" doc:"Answer by a TXT record; the only way for wildcard names."`
	WaitInsteadOfSelfCheck *metav1.Duration                   `json:"waitInsteadOfSelfCheck,omitempty" doc:"Wait this long instead of checking from inside the cluster (cert-manager 1.21)."`
}

// HTTP01 is cert-manager's HTTP-01 solver. All fields empty means: derive it.
type HTTP01 struct {
	IngressClassName string                                            `json:"ingressClassName,omitempty" doc:"Short for ingress: {ingressClassName: …}."`
	Class            string                                            `json:"class,omitempty" doc:"Short for ingress: {class: …}."`
	Ingress          *cmacme.ACMEChallengeSolverHTTP01Ingress          `json:"ingress,omitempty" doc:"Solve through an Ingress, all of cert-manager's fields."`
	GatewayHTTPRoute *cmacme.ACMEChallengeSolverHTTP01GatewayHTTPRoute `json:"gatewayHTTPRoute,omitempty" doc:"Solve through an HTTPRoute, all of cert-manager's fields."`
}

// Expose is one or more hosts, where their paths lead, and their certificate.
type Expose struct {
	Name        string            `json:"name" doc:"Name of the route object."`
	Namespace   string            `json:"namespace,omitempty" doc:"Namespace of the route; left out, the overlay decides."`
	Host        string            `json:"host,omitempty" doc:"The host name; or hosts."`
	Hosts       []string          `json:"hosts,omitempty" doc:"Several host names that share the routes and one certificate."`
	As          RouteKind         `json:"as,omitempty" doc:"Ingress (default), VirtualServer or HTTPRoute."`
	ClassName   string            `json:"className,omitempty" doc:"Ingress class, for Ingress and VirtualServer."`
	Gateway     *Gateway          `json:"gateway,omitempty" doc:"The Gateway of an HTTPRoute."`
	Issuer      string            `json:"issuer,omitempty" doc:"Name of the issuer; left out, secretName must name a Secret that something else fills."`
	SecretName  string            `json:"secretName,omitempty" doc:"TLS Secret; default <name>-tls."`
	Routes      []Route           `json:"routes" doc:"Paths and the Services they lead to."`
	Redirect    *bool             `json:"redirect,omitempty" doc:"true sends plain HTTP to https, false does not; left out, the controller's default holds (HTTPRoute: no plain HTTP at all)."`
	Certificate Mode              `json:"certificate,omitempty" doc:"annotation (default where it can say all) or explicit, a Certificate object."`
	HTTP01      HTTP01Mode        `json:"http01,omitempty" doc:"How an HTTP-01 challenge gets through: static, a permanent route to the responder; plain (default), an object of its own for each challenge; for an Ingress also mergeable (default on NGINX Ingress Controller) and edit-in-place. There an Ingress may be plain only with an existing issuer that does not use HTTP-01, where one of mergeable, edit-in-place and plain must be given."`
	Labels      map[string]string `json:"labels,omitempty" doc:"Labels of the route object."`
	Annotations map[string]string `json:"annotations,omitempty" doc:"Annotations of the route object."`
	Options     `json:",inline"`
}

// RouteKind is the kind of object that carries a host's routes.
type RouteKind string

// The route kinds.
const (
	Ingress       RouteKind = "Ingress"       // networking.k8s.io/v1
	VirtualServer RouteKind = "VirtualServer" // k8s.nginx.org/v1
	HTTPRoute     RouteKind = "HTTPRoute"     // gateway.networking.k8s.io/v1
)

// Mode is how a certificate is asked for.
type Mode string

// The modes.
const (
	Annotation Mode = "annotation" // by annotation, or VirtualServer tls.cert-manager
	Explicit   Mode = "explicit"   // by a Certificate object
)

// HTTP01Mode is how a challenge and the routes of an application share a host.
type HTTP01Mode string

// The HTTP-01 modes.
const (
	Mergeable   HTTP01Mode = "mergeable"     // NGINX Ingress Controller's master and minions
	EditInPlace HTTP01Mode = "edit-in-place" // cert-manager adds a path to the Ingress itself
	Plain       HTTP01Mode = "plain"         // a second object for the same host
	Static      HTTP01Mode = "static"        // a permanent route to the responder
)

// Gateway is the Gateway an HTTPRoute attaches to. All hosts that name the
// same one share it.
type Gateway struct {
	Name      string `json:"name" doc:"Name of the Gateway."`
	Namespace string `json:"namespace,omitempty" doc:"Namespace of the Gateway; default the namespace of the route."`
	ClassName string `json:"className" doc:"GatewayClass of the Gateway."`
}

// Route is one path and the Service behind it.
type Route struct {
	Name     string             `json:"name,omitempty" doc:"Name of the VirtualServer upstream; default the Service's name."`
	Path     string             `json:"path" doc:"The path, from the slash on."`
	PathType PathType           `json:"pathType,omitempty" doc:"Prefix (default), Exact or ImplementationSpecific."`
	Service  string             `json:"service" doc:"Name of the Service."`
	Port     intstr.IntOrString `json:"port" doc:"Port number of the Service; for an Ingress also a port name."`
}

// PathType is how a path matches.
type PathType string

// The path types of networking.k8s.io/v1. The Gateway API and the
// VirtualServer know the first two.
const (
	Prefix                 PathType = "Prefix"
	Exact                  PathType = "Exact"
	ImplementationSpecific PathType = "ImplementationSpecific"
)

// Options are the wishes for a certificate, in cert-manager's own types.
type Options struct {
	CommonName              string                                 `json:"commonName,omitempty" doc:"Common name, at most 64 characters; best left out."`
	Duration                *metav1.Duration                       `json:"duration,omitempty" doc:"Lifetime to ask for, such as 2160h; ACME CAs decide for themselves."`
	RenewBefore             *metav1.Duration                       `json:"renewBefore,omitempty" doc:"Renew this long before expiry, such as 360h."`
	RenewBeforePercentage   *int32                                 `json:"renewBeforePercentage,omitempty" doc:"Renew when this percentage of the lifetime is left; or renewBefore."`
	Usages                  []cm.KeyUsage                          `json:"usages,omitempty" doc:"Key usages."`
	PrivateKey              *cm.CertificatePrivateKey              `json:"privateKey,omitempty" doc:"Key algorithm, size, encoding and rotation."`
	Subject                 *cm.X509Subject                        `json:"subject,omitempty" doc:"Subject besides the common name."`
	SecretTemplate          *cm.CertificateSecretTemplate          `json:"secretTemplate,omitempty" doc:"Labels and annotations for the Secret."`
	Keystores               *cm.CertificateKeystores               `json:"keystores,omitempty" doc:"JKS and PKCS#12 beside the PEM."`
	AdditionalOutputFormats []cm.CertificateAdditionalOutputFormat `json:"additionalOutputFormats,omitempty" doc:"DER and CombinedPEM beside the PEM."`
	RevisionHistoryLimit    *int32                                 `json:"revisionHistoryLimit,omitempty" doc:"How many CertificateRequests to keep."`
	Renewal                 *cm.CertificateRenewal                 `json:"renewal,omitempty" doc:"Renewal policy and windows (cert-manager 1.21)."`
}

// Certificate is a certificate that belongs to no route in this file. It has
// all of cert-manager's fields; issuer stands for issuerRef.
type Certificate struct {
	cm.CertificateSpec `json:",inline"`

	Name        string                  `json:"name" doc:"Name of the Certificate."`
	Namespace   string                  `json:"namespace,omitempty" doc:"Namespace of the Certificate; left out, the overlay decides."`
	Issuer      string                  `json:"issuer" doc:"Name of the issuer."`
	SecretName  string                  `json:"secretName,omitempty" doc:"TLS Secret; default the name."`
	Labels      map[string]string       `json:"labels,omitempty" doc:"Labels of the Certificate."`
	Annotations map[string]string       `json:"annotations,omitempty" doc:"Annotations of the Certificate."`
	IssuerRef   *cmmeta.IssuerReference `json:"-"`
}

// Override is one environment: what differs from the file above it. Maps are
// merged, lists and scalars replaced, null removes.
type Override struct {
	Name         string                       `json:"name" doc:"Name of the environment and of its folder below overlays/."`
	ClassName    string                       `json:"className,omitempty" doc:"Ingress class for every Ingress, VirtualServer and HTTP-01 solver that names one."`
	Hosts        map[string]string            `json:"hosts,omitempty" doc:"Old name to new name; a domain also stands for everything below it, the longest match wins."`
	Responder    Part[Responder]              `json:"responder,omitempty" doc:"Changes to the responder."`
	Issuers      map[string]Part[Issuer]      `json:"issuers,omitempty" doc:"Changes to issuers, by name."`
	Expose       map[string]Part[Expose]      `json:"expose,omitempty" doc:"Changes to exposed hosts, by name or namespace/name."`
	Certificates map[string]Part[Certificate] `json:"certificates,omitempty" doc:"Changes to certificates, by name or namespace/name."`
	Trust        map[string]Part[Trust]       `json:"trust,omitempty" doc:"Changes to trust, by name."`
}
