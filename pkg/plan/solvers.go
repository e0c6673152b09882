package plan

import (
	"cmp"
	"reflect"
	"slices"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
)

// One HTTP-01 solver of the file can become several of cert-manager's:
// mergeable hosts of NGINX Ingress Controller need a solver with a minion,
// other hosts of an Ingress need one without, and a Gateway needs an HTTPRoute.
// The first of them is the fallback. The others select by a label of ours,
// which cert-manager and NGINX Ingress Controller copy from the route to the
// Certificate and to the Order. With a label the issuer does not change when
// hosts do.

// findStyles collects the styles that each solver of each issuer must support.
func (p *planner) findStyles() {
	p.styles = map[*v1alpha1.Issuer]map[int][]resolve.HTTP01Style{}
	for i := range p.certs.Expose {
		e := &p.certs.Expose[i]
		style := p.style(e)
		if style == (resolve.HTTP01Style{}) {
			continue
		}
		issuer := p.index.Issuer(e.CertificateNamespace(), e.Issuer)
		if p.styles[issuer] == nil {
			p.styles[issuer] = map[int][]resolve.HTTP01Style{}
		}
		for _, pick := range p.index.SolverIndexes(e) {
			if pick < 0 || issuer.ACME.Solvers[pick].HTTP01 == nil {
				continue
			}
			if !slices.Contains(p.styles[issuer][pick], style) {
				p.styles[issuer][pick] = append(p.styles[issuer][pick], style)
			}
		}
	}
	for _, bySolver := range p.styles {
		for _, styles := range bySolver {
			slices.SortFunc(styles, compareStyles)
		}
	}
}

// style is how the challenges of a route are served. For the solver
// edit-in-place is the same as plain.
func (p *planner) style(e *v1alpha1.Expose) resolve.HTTP01Style {
	style := p.index.Style(e)
	if style.Mode == v1alpha1.EditInPlace {
		style.Mode = v1alpha1.Plain
	}
	return style
}

func compareStyles(a, b resolve.HTTP01Style) int {
	rank := func(s resolve.HTTP01Style) int {
		return slices.Index([]v1alpha1.HTTP01Mode{v1alpha1.Plain, "", v1alpha1.Mergeable}, s.Mode)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Class, b.Class))
}

// expand returns cert-manager's solvers for one solver of the file.
func expand(s v1alpha1.Solver, styles []resolve.HTTP01Style) []cmacme.ACMEChallengeSolver {
	base := cmacme.ACMEChallengeSolver{Selector: s.Selector, DNS01: s.DNS01, WaitInsteadOfSelfCheck: s.WaitInsteadOfSelfCheck}
	if s.HTTP01 == nil {
		return []cmacme.ACMEChallengeSolver{base}
	}
	fallback := fallbackStyle(s.HTTP01, styles)
	base.HTTP01 = http01(s.HTTP01, fallback)
	solvers := []cmacme.ACMEChallengeSolver{base}
	for _, style := range styles {
		if isFallback(s.HTTP01, style, styles) {
			continue
		}
		solver := *base.DeepCopy()
		solver.HTTP01 = http01(s.HTTP01, style)
		if solver.Selector == nil {
			solver.Selector = &cmacme.CertificateDNSNameSelector{}
		}
		solver.Selector.MatchLabels = with(solver.Selector.MatchLabels, v1alpha1.SolverLabel, styleLabel(style))
		solvers = append(solvers, solver)
	}
	return solvers
}

// fallbackStyle is the style of the fallback solver. It is never mergeable,
// because certificates outside of this file may use the issuer too.
func fallbackStyle(h *v1alpha1.HTTP01, styles []resolve.HTTP01Style) resolve.HTTP01Style {
	switch {
	case len(styles) > 0 && styles[0].Mode != v1alpha1.Mergeable:
		return styles[0]
	case h.GatewayHTTPRoute != nil:
		return resolve.HTTP01Style{Gateway: true}
	case len(styles) > 0:
		return resolve.HTTP01Style{Mode: v1alpha1.Plain, Class: styles[0].Class}
	}
	return resolve.HTTP01Style{Mode: v1alpha1.Plain}
}

// isFallback reports whether the fallback solver supports a style.
func isFallback(h *v1alpha1.HTTP01, style resolve.HTTP01Style, styles []resolve.HTTP01Style) bool {
	return reflect.DeepEqual(http01(h, style), http01(h, fallbackStyle(h, styles)))
}

// styleLabel is the label value with which certificates of a style select their
// solvers.
func styleLabel(style resolve.HTTP01Style) string {
	name := "ingress"
	switch {
	case style.Gateway:
		return "gateway"
	case style.Mode == v1alpha1.Mergeable:
		name = "mergeable"
	}
	if style.Class == "" {
		return name
	}
	return name + "-" + style.Class
}

// label returns the solver label of a route's certificate: that of its style,
// if the fallback does not support any of its hosts.
func (p *planner) label(e *v1alpha1.Expose) string {
	style := p.style(e)
	if style == (resolve.HTTP01Style{}) {
		return ""
	}
	issuer := p.index.Issuer(e.CertificateNamespace(), e.Issuer)
	for _, pick := range p.index.SolverIndexes(e) {
		if pick < 0 {
			continue
		}
		if h := issuer.ACME.Solvers[pick].HTTP01; h != nil && !isFallback(h, style, p.styles[issuer][pick]) {
			return styleLabel(style)
		}
	}
	return ""
}

// http01 expands the solver of the file for one style.
func http01(h *v1alpha1.HTTP01, style resolve.HTTP01Style) *cmacme.ACMEChallengeSolverHTTP01 {
	if style.Gateway {
		route := h.GatewayHTTPRoute
		if route == nil {
			route = &cmacme.ACMEChallengeSolverHTTP01GatewayHTTPRoute{}
		}
		return &cmacme.ACMEChallengeSolverHTTP01{GatewayHTTPRoute: route}
	}
	ingress := &cmacme.ACMEChallengeSolverHTTP01Ingress{}
	switch {
	case h.Ingress != nil:
		ingress = h.Ingress.DeepCopy()
	case h.IngressClassName != "":
		ingress.IngressClassName = &h.IngressClassName
	case h.Class != "":
		ingress.Class = &h.Class
	case style.Class != "":
		ingress.IngressClassName = &style.Class
	}
	if style.Mode == v1alpha1.Mergeable {
		if ingress.IngressTemplate == nil {
			ingress.IngressTemplate = &cmacme.ACMEChallengeSolverHTTP01IngressTemplate{}
		}
		ingress.IngressTemplate.Annotations = with(ingress.IngressTemplate.Annotations, MergeableAnnotation, "minion")
	}
	return &cmacme.ACMEChallengeSolverHTTP01{Ingress: ingress}
}
