package plan

import (
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

// Plan is what must exist, each list in the order of the file.
type Plan struct {
	Issuers      []Issuer
	Certificates []Certificate // explicit ones
	Routes       []Route
	Gateways     []Gateway
	Responder    *Responder // nil where no route leads to it
	Endpoints    []Endpoint
	Anchors      []Anchor
	Bundles      []Bundle
	Needs        []Need
}

// Issuer is an issuer object to be written.
type Issuer struct {
	Object
	Kind v1alpha1.IssuerKind
	// Spec is the file's issuer; ACME solvers are in Solvers.
	Spec    *v1alpha1.Issuer
	Solvers []cmacme.ACMEChallengeSolver
	// Root is the certificate that the issuer of a private CA signs with, nil
	// for all others. It is to be there before the issuer.
	Root *Certificate
}

// Gateway is a Gateway to be written: one listener for plain HTTP, one for
// every host.
type Gateway struct {
	Object
	Class     string
	Listeners []Listener
	// Challenges is another namespace whose routes may attach to plain HTTP: the
	// responder's, "" where none of them does.
	Challenges string
	// Asks are the needs that the Gateway's annotations ask for: one for each
	// Secret. Empty where explicit Certificates do.
	Asks []Need
}

// Listener is an HTTPS listener for one host.
type Listener struct {
	Name, Host, Secret string
	// From are the namespaces whose routes may attach; none means the Gateway's own.
	From []string
}

// PlainListener is the name of the listener for plain HTTP.
const PlainListener = v1alpha1.PlainListener

// Route is an Ingress, a VirtualServer, a VirtualServerRoute or an HTTPRoute to
// be written.
type Route struct {
	Object
	Kind  v1alpha1.RouteKind
	Class string
	// Hosts are the hosts of this object; a VirtualServer and its route have one.
	Hosts []string
	// Paths lead to Services; the master of mergeable Ingresses has none.
	Paths []v1alpha1.Route
	// Secret is the TLS Secret, "" where another object ends TLS.
	Secret string
	// Ask is the need that this object itself asks for, nil where an explicit
	// Certificate does or nobody does.
	Ask *Need
	// Redirect sends plain HTTP to https: by the object itself for a
	// VirtualServer; an HTTPRoute is nothing but the redirect.
	Redirect bool
	// Challenges is the VirtualServerRoute, as namespace/name, to which a
	// VirtualServer leaves the challenges of its host; "" for none.
	Challenges string
	// Gateway and Listeners are where an HTTPRoute attaches.
	Gateway   resolve.GatewayID
	Listeners []string
}

// Responder is the Service that permanent routes lead to.
type Responder struct {
	Object
	Port int32
}

// Endpoint is a DNSEndpoint of external-dns to be written: permanent TXT
// records, of one name each or following each other.
type Endpoint struct {
	Object
	Records []Record
}

type planner struct {
	plan  Plan
	certs *v1alpha1.Certs
	index *resolve.Index
	// styles are the ways in which each issuer's HTTP-01 solvers must answer.
	styles map[*v1alpha1.Issuer]map[int][]resolve.HTTP01Style
	// whyExplicit says why the certificates of a Gateway are explicit, "" where
	// the Gateway's annotations ask for them.
	whyExplicit map[resolve.GatewayID]string
	// redirects are the VirtualServers that send plain HTTP to https with a
	// Secret that a certificate of the file fills, by namespace and Secret.
	redirects map[[2]string][]*v1alpha1.Expose
	// followers are the entries of trust that take the root of a private CA out
	// of the cluster, by name.
	followers map[*v1alpha1.Issuer][]string
}

// addCertificate plans an explicit Certificate and the need it stands for.
func (p *planner) addCertificate(o Object, wanted cm.CertificateSpec, issuer *v1alpha1.Issuer) {
	p.plan.Certificates = append(p.plan.Certificates, p.needCertificate(o, wanted, issuer))
}

func (p *planner) needCertificate(o Object, wanted cm.CertificateSpec, issuer *v1alpha1.Issuer) Certificate {
	p.plan.Needs = append(p.plan.Needs, Need{
		Namespace: o.Namespace, Certificate: wanted, Labels: o.Labels, Profile: profile(issuer),
		Temporary: o.Annotations[TemporaryAnnotation] == "true",
		Ingress:   o.Annotations[OverrideIngress], Gateway: o.Annotations[ParentRefName],
		By: Source{Kind: "Certificate", Namespace: o.Namespace, Name: o.Name},
	})
	return Certificate{Object: o, Spec: wanted}
}
