package plan

import (
	"maps"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

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

// Object is what every planned object has.
type Object struct {
	Namespace, Name     string
	Labels, Annotations map[string]string
	// Note says in a few words what the object is for, and why in this form.
	Note string
	// Part is the folder of the base that the object belongs in, "" where its
	// kind says.
	Part string
}

// ClusterPart is where objects are whose namespace nobody is to change.
const ClusterPart = "cluster"

// Certificate is an explicit Certificate object.
type Certificate struct {
	Object
	Spec cm.CertificateSpec
}

// Annotations of cert-manager and of NGINX Ingress Controller that the plan
// sets.
const (
	TemporaryAnnotation   = "cert-manager.io/issue-temporary-certificate"
	EditInPlaceAnnotation = "acme.cert-manager.io/http01-edit-in-place"
	OverrideIngress       = "acme.cert-manager.io/http01-override-ingress-name"
	ParentRefName         = "acme.cert-manager.io/http01-parentrefname"
	ParentRefKind         = "acme.cert-manager.io/http01-parentrefkind"
	MergeableAnnotation   = "nginx.org/mergeable-ingress-type"
)

// New plans a file whose defaults are filled in, as config.Parse returns it, and
// the certificates that its trust names.
func New(certs v1alpha1.Certs, roots Roots) Plan {
	p := planner{index: resolve.NewIndex(&certs), certs: &certs}
	p.findStyles()
	p.findRedirects()
	p.findFollowers()
	for i := range certs.Issuers {
		p.issuer(&certs.Issuers[i])
	}
	p.gateways()
	for i := range certs.Expose {
		p.expose(&certs.Expose[i])
	}
	for i := range certs.Certificates {
		p.certificate(&certs.Certificates[i])
	}
	p.responder()
	p.endpoints()
	for i := range certs.Trust {
		p.trust(&certs.Trust[i], roots[certs.Trust[i].Name])
	}
	return p.plan
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

func (p *planner) findRedirects() {
	p.redirects = map[[2]string][]*v1alpha1.Expose{}
	for i := range p.certs.Expose {
		if e := &p.certs.Expose[i]; e.Issuer == "" && e.As == v1alpha1.VirtualServer && e.Redirect != nil && *e.Redirect {
			key := [2]string{e.Namespace, e.SecretName}
			p.redirects[key] = append(p.redirects[key], e)
		}
	}
}

// needsTemporary reports whether the certificate must be a temporary one first:
// the challenge for it is sent to https, and NGINX refuses the handshake while
// the Secret is missing.
func (p *planner) needsTemporary(c *v1alpha1.Certificate) bool {
	return slices.ContainsFunc(p.redirects[[2]string{c.Namespace, c.SecretName}], func(e *v1alpha1.Expose) bool {
		return slices.ContainsFunc(e.Hosts, func(host string) bool {
			_, maybe := p.index.Proves(c, host, e.ClassName)
			return maybe
		})
	})
}

func (p *planner) certificate(c *v1alpha1.Certificate) {
	issuer := p.index.Issuer(c.Namespace, c.Issuer)
	wanted := *c.CertificateSpec.DeepCopy()
	wanted.SecretName = c.SecretName
	wanted.IssuerRef = reference(issuer)
	annotations := c.Annotations
	if p.needsTemporary(c) {
		annotations = with(annotations, TemporaryAnnotation, "true")
	}
	p.addCertificate(Object{
		Namespace: c.Namespace, Name: c.Name, Labels: c.Labels, Annotations: annotations,
		Note: strings.Join(c.DNSNames, ", ") + " in Secret " + c.SecretName,
	}, wanted, issuer)
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

func reference(i *v1alpha1.Issuer) cmmeta.IssuerReference {
	return cmmeta.IssuerReference{Name: i.Name, Kind: string(i.Kind), Group: i.Group}
}

func profile(i *v1alpha1.Issuer) string {
	if i.ACME == nil {
		return ""
	}
	return i.ACME.Profile
}

// with returns a map with one more entry; the first map is not changed.
func with(m map[string]string, key, value string) map[string]string {
	if value == "" {
		return m
	}
	c := maps.Clone(m)
	if c == nil {
		c = map[string]string{}
	}
	c[key] = value
	return c
}

func services(routes []v1alpha1.Route) string {
	var names []string
	for _, r := range routes {
		if !slices.Contains(names, r.Service) {
			names = append(names, r.Service)
		}
	}
	return strings.Join(names, ", ")
}
