package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// route begins the object of an exposed host.
func route(e *v1alpha1.Expose) Route {
	return Route{
		Object: Object{
			Namespace: e.Namespace, Name: e.Name, Labels: e.Labels, Annotations: e.Annotations,
			Note: strings.Join(e.Hosts, ", ") + " → " + services(e.Routes) + "; TLS in Secret " + e.SecretName,
		},
		Kind: e.As, Class: e.ClassName, Hosts: e.Hosts, Paths: e.Routes, Secret: e.SecretName,
	}
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

func (p *planner) ingress(e *v1alpha1.Expose) {
	r := route(e)
	p.redirectIngress(&r, e)
	editInPlace := p.index.Style(e).Mode == v1alpha1.EditInPlace
	if p.requestsItself(e) {
		if editInPlace {
			r.Annotations = with(r.Annotations, EditInPlaceAnnotation, "true")
		}
		ingress := ""
		if editInPlace {
			ingress = r.Name
		}
		p.request(&r, e, editInPlace, ingress)
	} else if e.Issuer != "" {
		annotations := map[string]string{}
		if editInPlace {
			annotations[OverrideIngress] = e.Name
			annotations[TemporaryAnnotation] = "true"
		}
		p.explicit(e, annotations)
	}
	p.plan.Routes = append(p.plan.Routes, r)
}

// mergeable plans, for every host, a master, which terminates TLS, and a
// minion, which has the paths, and the Certificate for all of them. It needs a
// temporary certificate first: the controller redirects the challenge to HTTPS
// and rejects the handshake while the Secret is missing.
func (p *planner) mergeable(e *v1alpha1.Expose) {
	forMaster, forMinion := splitAnnotations(e.Annotations)
	for i, host := range e.Hosts {
		master := route(e)
		master.Name = e.HostName(i)
		master.Hosts, master.Paths = []string{host}, nil
		master.Annotations = with(forMaster, MergeableAnnotation, "master")
		master.Note = host + " (master); TLS in Secret " + e.SecretName
		p.redirectIngress(&master, e)
		minion := route(e)
		minion.Name = e.MinionName(i)
		minion.Hosts, minion.Secret = []string{host}, ""
		minion.Annotations = with(forMinion, MergeableAnnotation, "minion")
		minion.Note = host + " (minion) → " + services(e.Routes)
		p.plan.Routes = append(p.plan.Routes, master, minion)
	}
	p.explicit(e, map[string]string{TemporaryAnnotation: "true"})
}

func (p *planner) virtualServer(e *v1alpha1.Expose) {
	redirect := e.Redirect != nil && *e.Redirect
	temporary := p.index.NeedsTemporary(e)
	for i, host := range e.Hosts {
		r := route(e)
		r.Name, r.Hosts, r.Redirect = e.HostName(i), []string{host}, redirect
		r.Challenges = p.challenges(e, i)
		if p.requestsItself(e) {
			p.request(&r, e, temporary, "")
		}
		p.plan.Routes = append(p.plan.Routes, r)
	}
	if e.Issuer != "" && !p.requestsItself(e) {
		annotations := map[string]string{}
		if temporary {
			annotations[TemporaryAnnotation] = "true"
		}
		p.explicit(e, annotations)
	}
}

// requestsItself reports whether the route itself requests its certificate.
func (p *planner) requestsItself(e *v1alpha1.Expose) bool {
	return e.Issuer != "" && e.Certificate != v1alpha1.Explicit && p.index.WhyExplicit(e) == ""
}

// request makes the route request the certificate of its hosts; ingress is the
// Ingress to which challenges are added, "" for none.
func (p *planner) request(r *Route, e *v1alpha1.Expose, temporary bool, ingress string) {
	issuer := p.index.Issuer(e.CertificateNamespace(), e.Issuer)
	r.Labels = with(r.Labels, v1alpha1.SolverLabel, p.label(e))
	need := Need{
		Namespace: r.Namespace, Certificate: certificateSpec(r.Secret, r.Hosts, issuer, e.Options), Labels: r.Labels,
		Profile: profile(issuer), Temporary: temporary, Ingress: ingress,
		By: Source{Kind: string(r.Kind), Namespace: r.Namespace, Name: r.Name},
	}
	r.Request = &need
	p.plan.Needs = append(p.plan.Needs, need)
}

// redirectIngress sets the controller's annotation, if redirect is set.
func (p *planner) redirectIngress(r *Route, e *v1alpha1.Expose) {
	if e.Redirect != nil {
		r.Annotations = with(r.Annotations, p.index.RedirectAnnotation(e.ClassName), strconv.FormatBool(*e.Redirect))
	}
}
