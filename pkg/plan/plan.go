package plan

import (
	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

// Plan has the objects to generate, each list in the order of the file.
type Plan struct {
	Issuers      []Issuer
	Certificates []Certificate // explicit ones
	Routes       []Route
	Gateways     []Gateway
	Responder    *Responder // nil if no route leads to it
	Endpoints    []Endpoint
	Anchors      []Anchor
	Bundles      []Bundle
	Needs        []Need
}

// Issuer is an issuer to generate.
type Issuer struct {
	Object
	Kind v1alpha1.IssuerKind
	// Spec is the file's issuer; ACME solvers are in Solvers.
	Spec    *v1alpha1.Issuer
	Solvers []cmacme.ACMEChallengeSolver
	// Root is the certificate with which a private CA signs, nil for other
	// issuers. It is created before the issuer.
	Root *Certificate
}

// Gateway is a Gateway to generate, with one listener for plain HTTP and one
// for every host.
type Gateway struct {
	Object
	Class     string
	Listeners []Listener
	// Challenges is the responder's namespace if its routes attach to plain
	// HTTP, else "".
	Challenges string
	// Asks are the needs that the Gateway's annotations request, one for each
	// Secret. It is empty if there are explicit Certificates.
	Requests []Need
}

// Listener is an HTTPS listener for one host.
type Listener struct {
	Name, Host, Secret string
	// From are the namespaces from which routes may attach; none means the
	// Gateway's namespace.
	From []string
}

// PlainListener is the name of the listener for plain HTTP.
const PlainListener = v1alpha1.PlainListener

// Route is an Ingress, a VirtualServer, a VirtualServerRoute or an HTTPRoute to
// generate.
type Route struct {
	Object
	Kind  v1alpha1.RouteKind
	Class string
	// Hosts are the hosts of this object; a VirtualServer and its
	// VirtualServerRoute have one.
	Hosts []string
	// Paths have the Services; the master of mergeable Ingresses has none.
	Paths []v1alpha1.Route
	// Secret is the TLS Secret, "" if another object terminates TLS.
	Secret string
	// Ask is the need that this object itself requests, nil if there is an
	// explicit Certificate or no request.
	Request *Need
	// Redirect redirects plain HTTP to HTTPS. A VirtualServer does so in
	// addition to its routes; an HTTPRoute has nothing but the redirect.
	Redirect bool
	// Challenges is the VirtualServerRoute (namespace/name) for the challenges
	// of a VirtualServer's host; "" for none.
	Challenges string
	// Gateway and Listeners are the parents of an HTTPRoute.
	Gateway   resolve.GatewayID
	Listeners []string
}

// Responder is the Service of static challenge routes.
type Responder struct {
	Object
	Port int32
}

// Endpoint is a DNSEndpoint of external-dns to generate, with permanent TXT
// records. Records of one name are adjacent.
type Endpoint struct {
	Object
	Records []Record
}

type planner struct {
	plan  Plan
	certs *v1alpha1.Certs
	index *resolve.Index
	// styles are the styles that each issuer's HTTP-01 solvers must support.
	styles map[*v1alpha1.Issuer]map[int][]resolve.HTTP01Style
	// whyExplicit is why the certificates of a Gateway are explicit, "" if the
	// Gateway's annotations request them.
	whyExplicit map[resolve.GatewayID]string
	// redirects are the VirtualServers that redirect plain HTTP to HTTPS and
	// use the Secret of a certificate of the file, by namespace and Secret.
	redirects map[[2]string][]*v1alpha1.Expose
	// followers are the names of the entries of trust that use the root of a
	// private CA, by its name.
	followers map[*v1alpha1.Issuer][]string
}

// addCertificate plans an explicit Certificate and its need.
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
