package v1alpha1

import (
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// The apiVersion and kind of certs.yaml.
const (
	APIVersion = "kubectl-certs.dev/v1alpha1"
	Kind       = "Certs"
)

// Certs is the content of certs.yaml. A field without omitempty is required.
type Certs struct {
	APIVersion     string         `json:"apiVersion" doc:"Always kubectl-certs.dev/v1alpha1."`
	Kind           string         `json:"kind" doc:"Always Certs."`
	Metadata       Metadata       `json:"metadata,omitempty" doc:"Metadata of this file."`
	IngressClasses []IngressClass `json:"ingressClasses,omitempty" doc:"Controllers of class names. Class names that start with nginx mean NGINX Ingress Controller unless listed here."`
	Responder      Responder      `json:"responder,omitempty" doc:"The Service that answers HTTP-01 challenges through static challenge routes (http01: static)."`
	Issuers        []Issuer       `json:"issuers,omitempty" doc:"ClusterIssuers and Issuers."`
	Expose         []Expose       `json:"expose,omitempty" doc:"Hosts with their routes and TLS certificates."`
	Certificates   []Certificate  `json:"certificates,omitempty" doc:"Certificates without a route in this file."`
	Trust          []Trust        `json:"trust,omitempty" doc:"CA certificates and their targets."`
	Environments   []Override     `json:"environments,omitempty" doc:"Environments, each with an overlay; without any there is one overlay, overlays/default."`
}

// Metadata names a certs.yaml.
type Metadata struct {
	Name string `json:"name,omitempty" doc:"A name for this set of certificates."`
}

// IngressClass has the controller of an Ingress class.
type IngressClass struct {
	Name       string     `json:"name" doc:"Name of the IngressClass."`
	Controller Controller `json:"controller" doc:"Value of spec.controller of the IngressClass, for example nginx.org/ingress-controller or traefik.io/ingress-controller."`
}

// Controller is the value of IngressClass spec.controller.
type Controller string

// NGINXIngressController is F5's controller. It rejects a second Ingress for a
// host unless both are mergeable, and supports VirtualServers.
const NGINXIngressController Controller = "nginx.org/ingress-controller"

// Responder is the Service of the static challenge routes, which are in its
// namespace.
type Responder struct {
	Namespace string `json:"namespace,omitempty" doc:"Namespace of the Service and of the static challenge routes; default kubectl-certs."`
	Service   string `json:"service,omitempty" doc:"Name of the Service; default certs-responder."`
	Port      int32  `json:"port,omitempty" doc:"Port of the Service; default 80. Its pods listen on 8089."`
	Default   bool   `json:"default,omitempty" doc:"true makes http01: static the default for all hosts that an issuer of this file validates by HTTP-01."`
}

// Issuer is a ClusterIssuer or an Issuer. It has exactly one type, or none if
// it is existing.
type Issuer struct {
	Name        string               `json:"name" doc:"Name of the object, to which expose and certificates refer."`
	Kind        IssuerKind           `json:"kind,omitempty" doc:"ClusterIssuer, or Issuer with a namespace; default Issuer if a namespace is set, else ClusterIssuer."`
	Namespace   string               `json:"namespace,omitempty" doc:"Namespace of an Issuer."`
	Existing    bool                 `json:"existing,omitempty" doc:"true if the issuer is managed elsewhere: it can be referred to and is not generated."`
	Group       string               `json:"group,omitempty" doc:"API group of an existing external issuer; default cert-manager.io."`
	Labels      map[string]string    `json:"labels,omitempty" doc:"Labels of the object."`
	Annotations map[string]string    `json:"annotations,omitempty" doc:"Annotations of the object."`
	ACME        *ACME                `json:"acme,omitempty" doc:"An ACME CA such as Let's Encrypt."`
	CA          *cm.CAIssuer         `json:"ca,omitempty" doc:"A CA with its key in a Secret."`
	Private     *Private             `json:"private,omitempty" doc:"A private CA, created in the cluster: a self-signed root and the issuer that signs with it."`
	SelfSigned  *cm.SelfSignedIssuer `json:"selfSigned,omitempty" doc:"Self-signed certificates."`
	Vault       *cm.VaultIssuer      `json:"vault,omitempty" doc:"HashiCorp Vault."`
	Venafi      *cm.VenafiIssuer     `json:"venafi,omitempty" doc:"CyberArk Certificate Manager (Venafi)."`
}

// Private is a private CA. It generates three objects: a self-signed issuer,
// the root certificate, and the issuer that signs with it.
type Private struct {
	CommonName      string                    `json:"commonName" doc:"Common name of the root, for example Example Root CA. Trust stores show it."`
	Subject         *cm.X509Subject           `json:"subject,omitempty" doc:"Subject, without the common name."`
	Duration        *metav1.Duration          `json:"duration,omitempty" doc:"Lifetime of the root; default 87600h, ten years."`
	RenewBefore     *metav1.Duration          `json:"renewBefore,omitempty" doc:"Renew the root this long before it expires; default a third of its lifetime, which leaves time to distribute its successor."`
	PrivateKey      *cm.CertificatePrivateKey `json:"privateKey,omitempty" doc:"Key of the root; default ECDSA. By default it is kept at renewal (rotationPolicy: Never), so that the old and the new root verify the same certificates. With Always the root cannot be used in fromIssuers."`
	NameConstraints *cm.NameConstraints       `json:"nameConstraints,omitempty" doc:"Names for which the CA may issue, for example {critical: true, permitted: {dnsDomains: [corp.example.com]}}."`
	Namespace       string                    `json:"namespace,omitempty" doc:"Namespace of a ClusterIssuer's root and its Secret: cert-manager's cluster resource namespace, default cert-manager. For an Issuer it is the Issuer's namespace."`
}

// IssuerKind is the kind of issuer object.
type IssuerKind string

// The issuer kinds. An existing issuer of another group may have any kind.
const (
	ClusterIssuer    IssuerKind = "ClusterIssuer"
	NamespacedIssuer IssuerKind = "Issuer"
)

// ACME is cert-manager's ACME issuer with two shorthands: names of servers, and
// HTTP-01 solvers that are derived from the routes.
type ACME struct {
	cmacme.ACMEIssuer `json:",inline"`

	Server              string      `json:"server" doc:"letsencrypt, letsencrypt-staging, or the https URL of the ACME directory."`
	PrivateKeySecretRef *AccountKey `json:"privateKeySecretRef,omitempty" doc:"Secret of the account key; default <issuer>-account-key."`
	DNSPersist          *DNSPersist `json:"dnsPersist,omitempty" doc:"The permanent TXT record of dns-persist-01, for kubectl certs run; cert-manager does not support it."`
	Solvers             []Solver    `json:"solvers" doc:"How control of names is validated; cert-manager uses the solver with the most specific selector."`
}

// DNSPersist has the CA and the account of a permanent TXT record
// (draft-ietf-acme-dns-persist).
type DNSPersist struct {
	AccountURI   string  `json:"accountURI" doc:"URI of the ACME account, which the CA returns when the account is registered."`
	IssuerDomain string  `json:"issuerDomain,omitempty" doc:"Domain of the CA in the record; default letsencrypt.org for Let's Encrypt."`
	PersistUntil string  `json:"persistUntil,omitempty" doc:"When the record expires, for example 2027-12-31 or 2027-12-31T00:00:00Z; default never."`
	Emit         Emitter `json:"emit,omitempty" doc:"external-dns generates DNSEndpoint objects with the records of all names of the issuer; none (default) leaves the records to you."`
}

// Emitter is the component that publishes DNS records.
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
	Selector               *cmacme.CertificateDNSNameSelector `json:"selector,omitempty" doc:"Names and certificates that this solver is for; without a selector it is the fallback."`
	HTTP01                 *HTTP01                            `json:"http01,omitempty" doc:"Solve HTTP-01 challenges, on port 80. {} derives the solver from how each host is exposed."`
	DNS01                  *cmacme.ACMEChallengeSolverDNS01   `json:"dns01,omitempty" doc:"Solve DNS-01 challenges, with a TXT record; wildcard names need it."`
	WaitInsteadOfSelfCheck *metav1.Duration                   `json:"waitInsteadOfSelfCheck,omitempty" doc:"Wait this long instead of checking from inside the cluster (cert-manager 1.21)."`
}

// HTTP01 is cert-manager's HTTP-01 solver. The zero value is derived from the
// routes.
type HTTP01 struct {
	IngressClassName string                                            `json:"ingressClassName,omitempty" doc:"Short for ingress: {ingressClassName: …}."`
	Class            string                                            `json:"class,omitempty" doc:"Short for ingress: {class: …}."`
	Ingress          *cmacme.ACMEChallengeSolverHTTP01Ingress          `json:"ingress,omitempty" doc:"Solve through an Ingress, with all of cert-manager's fields."`
	GatewayHTTPRoute *cmacme.ACMEChallengeSolverHTTP01GatewayHTTPRoute `json:"gatewayHTTPRoute,omitempty" doc:"Solve through an HTTPRoute, with all of cert-manager's fields."`
}

// Expose is one or more hosts with their routes and certificate.
type Expose struct {
	Name        string            `json:"name" doc:"Name of the route object."`
	Namespace   string            `json:"namespace,omitempty" doc:"Namespace of the route; default the namespace that the overlay sets."`
	Host        string            `json:"host,omitempty" doc:"The host name. Use either host or hosts."`
	Hosts       []string          `json:"hosts,omitempty" doc:"Host names that share the routes and one certificate."`
	As          RouteKind         `json:"as,omitempty" doc:"Ingress (default), VirtualServer or HTTPRoute."`
	ClassName   string            `json:"className,omitempty" doc:"Ingress class, for Ingress and VirtualServer."`
	Gateway     *Gateway          `json:"gateway,omitempty" doc:"The Gateway of an HTTPRoute."`
	Issuer      string            `json:"issuer,omitempty" doc:"Name of the issuer. Without it, secretName must name an existing Secret."`
	SecretName  string            `json:"secretName,omitempty" doc:"TLS Secret; default <name>-tls."`
	Routes      []Route           `json:"routes" doc:"Paths and their Services."`
	Redirect    *bool             `json:"redirect,omitempty" doc:"true redirects plain HTTP to HTTPS, false does not; default as the controller does (HTTPRoute: no plain HTTP)."`
	Certificate Mode              `json:"certificate,omitempty" doc:"annotation (default if annotations can express all fields) or explicit, a Certificate object."`
	HTTP01      HTTP01Mode        `json:"http01,omitempty" doc:"How an HTTP-01 challenge is served: static, through a permanent route to the responder; plain (default), through a separate object for each challenge; for an Ingress also mergeable (default on NGINX Ingress Controller) and edit-in-place. On NGINX Ingress Controller plain is only for existing issuers that do not use HTTP-01, and with an existing issuer the field is required."`
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

// Mode is how a certificate is requested.
type Mode string

// The modes.
const (
	Annotation Mode = "annotation" // by annotation, or VirtualServer tls.cert-manager
	Explicit   Mode = "explicit"   // by a Certificate object
)

// HTTP01Mode is how challenges and the routes of an application share a host.
type HTTP01Mode string

// The HTTP-01 modes.
const (
	Mergeable   HTTP01Mode = "mergeable"     // NGINX Ingress Controller's master and minions
	EditInPlace HTTP01Mode = "edit-in-place" // cert-manager adds a path to the Ingress itself
	Plain       HTTP01Mode = "plain"         // a second object for the same host
	Static      HTTP01Mode = "static"        // a permanent route to the responder
)

// Gateway is the Gateway of an HTTPRoute. Entries with the same Gateway share
// it.
type Gateway struct {
	Name      string `json:"name" doc:"Name of the Gateway."`
	Namespace string `json:"namespace,omitempty" doc:"Namespace of the Gateway; default the namespace of the route."`
	ClassName string `json:"className" doc:"GatewayClass of the Gateway."`
}

// Route is one path and its Service.
type Route struct {
	Name     string             `json:"name,omitempty" doc:"Name of the VirtualServer upstream; default the Service's name."`
	Path     string             `json:"path" doc:"The path, starting with a slash."`
	PathType PathType           `json:"pathType,omitempty" doc:"Prefix (default), Exact or ImplementationSpecific."`
	Service  string             `json:"service" doc:"Name of the Service."`
	Port     intstr.IntOrString `json:"port" doc:"Port number of the Service; for an Ingress also a port name."`
}

// PathType is how a path matches.
type PathType string

// The path types of networking.k8s.io/v1. The Gateway API and the VirtualServer
// have only the first two.
const (
	Prefix                 PathType = "Prefix"
	Exact                  PathType = "Exact"
	ImplementationSpecific PathType = "ImplementationSpecific"
)

// Options are the optional fields of a certificate, in cert-manager's types.
type Options struct {
	CommonName              string                                 `json:"commonName,omitempty" doc:"Common name, at most 64 characters; usually not needed."`
	Duration                *metav1.Duration                       `json:"duration,omitempty" doc:"Requested lifetime, for example 2160h; ACME CAs may ignore it."`
	RenewBefore             *metav1.Duration                       `json:"renewBefore,omitempty" doc:"Renew this long before expiry, for example 360h."`
	RenewBeforePercentage   *int32                                 `json:"renewBeforePercentage,omitempty" doc:"Renew when this percentage of the lifetime is left. Use either this or renewBefore."`
	Usages                  []cm.KeyUsage                          `json:"usages,omitempty" doc:"Key usages."`
	PrivateKey              *cm.CertificatePrivateKey              `json:"privateKey,omitempty" doc:"Key algorithm, size, encoding and rotation."`
	Subject                 *cm.X509Subject                        `json:"subject,omitempty" doc:"Subject, without the common name."`
	SecretTemplate          *cm.CertificateSecretTemplate          `json:"secretTemplate,omitempty" doc:"Labels and annotations for the Secret."`
	Keystores               *cm.CertificateKeystores               `json:"keystores,omitempty" doc:"JKS and PKCS#12 keystores in the Secret."`
	AdditionalOutputFormats []cm.CertificateAdditionalOutputFormat `json:"additionalOutputFormats,omitempty" doc:"DER and CombinedPEM in the Secret."`
	RevisionHistoryLimit    *int32                                 `json:"revisionHistoryLimit,omitempty" doc:"Number of CertificateRequests to keep."`
	Renewal                 *cm.CertificateRenewal                 `json:"renewal,omitempty" doc:"Renewal policy and windows (cert-manager 1.21)."`
}

// Certificate is a certificate without a route in this file. It has all of
// cert-manager's fields, with issuer in place of issuerRef.
type Certificate struct {
	cm.CertificateSpec `json:",inline"`

	Name        string                  `json:"name" doc:"Name of the Certificate."`
	Namespace   string                  `json:"namespace,omitempty" doc:"Namespace of the Certificate; default the namespace that the overlay sets."`
	Issuer      string                  `json:"issuer" doc:"Name of the issuer."`
	SecretName  string                  `json:"secretName,omitempty" doc:"TLS Secret; default the name."`
	Labels      map[string]string       `json:"labels,omitempty" doc:"Labels of the Certificate."`
	Annotations map[string]string       `json:"annotations,omitempty" doc:"Annotations of the Certificate."`
	IssuerRef   *cmmeta.IssuerReference `json:"-"`
}

// Override has the changes of one environment. Maps are merged, lists and
// scalars are replaced, and null removes a field.
type Override struct {
	Name         string                       `json:"name" doc:"Name of the environment and of its folder in overlays/."`
	ClassName    string                       `json:"className,omitempty" doc:"Ingress class for every Ingress, VirtualServer and HTTP-01 solver that has one."`
	Hosts        map[string]string            `json:"hosts,omitempty" doc:"Old names to new names; a domain includes everything below it, and the longest match wins."`
	Responder    Part[Responder]              `json:"responder,omitempty" doc:"Changes to the responder."`
	Issuers      map[string]Part[Issuer]      `json:"issuers,omitempty" doc:"Changes to issuers, by name."`
	Expose       map[string]Part[Expose]      `json:"expose,omitempty" doc:"Changes to exposed hosts, by name or namespace/name."`
	Certificates map[string]Part[Certificate] `json:"certificates,omitempty" doc:"Changes to certificates, by name or namespace/name."`
	Trust        map[string]Part[Trust]       `json:"trust,omitempty" doc:"Changes to trust, by name."`
}
