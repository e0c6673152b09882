package plan_test

import (
	"strings"
	"testing"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/cert-manager/cert-manager/pkg/util/solverpicker"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// picked says which solver cert-manager itself would pick for a host of a need.
func picked(t *testing.T, p plan.Plan, n plan.Need, host string) string {
	t.Helper()
	for _, issuer := range p.Issuers {
		if issuer.Name != n.Certificate.IssuerRef.Name {
			continue
		}
		challenges := []cmacme.ACMEChallenge{{Type: "dns-01"}}
		if !strings.HasPrefix(host, "*.") {
			challenges = append(challenges, cmacme.ACMEChallenge{Type: "http-01"})
		}
		order := &cmacme.Order{ObjectMeta: metav1.ObjectMeta{Labels: n.Labels}}
		solver, _ := solverpicker.Pick(t.Context(), host, challenges, issuer.Solvers, order)
		return describe(solver)
	}
	return "no issuer"
}

func describe(s *cmacme.ACMEChallengeSolver) string {
	switch {
	case s == nil:
		return "none"
	case s.DNS01 != nil:
		return "dns"
	case s.HTTP01.GatewayHTTPRoute != nil:
		return "gateway"
	}
	in := s.HTTP01.Ingress
	words := []string{"ingress"}
	if in.IngressClassName != nil {
		words = append(words, *in.IngressClassName)
	}
	if in.Class != nil {
		words = append(words, "class "+*in.Class)
	}
	if in.IngressTemplate != nil && in.IngressTemplate.Annotations[plan.MergeableAnnotation] == "minion" {
		words = append(words, "minion")
	}
	return strings.Join(words, " ")
}

// TestSolvers: whatever is exposed next to each other, cert-manager picks for
// every host the solver that gets through to it.
func TestSolvers(t *testing.T) {
	const routes = ", issuer: web, routes: [{path: /, service: s, port: 80}]}\n"
	exposed := `expose:
- {name: merged, host: merged.example.com, className: nginx` + routes + `
- {name: vs, as: VirtualServer, host: vs.example.com, className: nginx` + routes + `
- {name: place, host: place.example.com, className: nginx, http01: edit-in-place` + routes
	elsewhere := `
- {name: plain, host: plain.example.com, className: traefik` + routes + `
- {name: route, as: HTTPRoute, host: route.example.com, gateway: {name: g, className: x}` + routes
	dns := `
- {name: wild, host: "*.example.org", className: nginx` + routes + `
- {name: mixed, hosts: [mixed.example.com, "*.mixed.example.org"], className: nginx` + routes
	const acme = "issuers:\n- name: web\n  acme:\n    server: letsencrypt\n    solvers:\n"
	for name, c := range map[string]struct {
		source string
		want   map[string]string
	}{
		"derived": {
			acme + "    - http01: {}\n    - {dns01: {digitalocean: {tokenSecretRef: {name: a, key: b}}}, selector: {dnsZones: [example.org]}}\n" + exposed + elsewhere + dns,
			map[string]string{
				"merged.example.com": "ingress nginx minion", "vs.example.com": "ingress nginx", "place.example.com": "ingress nginx",
				"plain.example.com": "ingress traefik", "route.example.com": "gateway", "*.example.org": "dns",
				"mixed.example.com": "ingress nginx minion", "*.mixed.example.org": "dns",
			},
		},
		"written out": {
			acme + "    - http01: {class: nginx}\n" + exposed,
			map[string]string{"merged.example.com": "ingress class nginx minion", "vs.example.com": "ingress class nginx", "place.example.com": "ingress class nginx"},
		},
		"with selectors of their own": {
			acme + "    - {http01: {ingressClassName: nginx}, selector: {dnsZones: [example.com]}}\n    - {http01: {ingress: {}}, selector: {dnsNames: [vs.example.com, merged.example.com]}}\n" + exposed,
			map[string]string{"merged.example.com": "ingress minion", "vs.example.com": "ingress", "place.example.com": "ingress nginx"},
		},
		"hosts of one route that different solvers prove": {
			acme + "    - {http01: {ingressClassName: nginx}, selector: {dnsZones: [example.com]}}\n    - {http01: {}, selector: {dnsZones: [example.org]}}\nexpose:\n- {name: m, hosts: [a.example.com, b.example.org], className: nginx" + routes,
			map[string]string{"a.example.com": "ingress nginx minion", "b.example.org": "ingress nginx minion"},
		},
		"a class that is the fallback of one solver only": {
			acme + "    - {http01: {}, selector: {dnsZones: [example.com]}}\n    - {http01: {}, selector: {dnsZones: [example.org]}}\nexpose:\n- {name: x, host: x.example.com, className: aaa" + routes + "- {name: m, hosts: [b.example.org, b.example.com], className: bbb" + routes,
			map[string]string{"x.example.com": "ingress aaa", "b.example.org": "ingress bbb", "b.example.com": "ingress bbb"},
		},
		"one style is the fallback": {
			acme + "    - http01: {}\nexpose:\n- {name: route, as: HTTPRoute, host: route.example.com, gateway: {name: g, className: x}" + routes,
			map[string]string{"route.example.com": "gateway"},
		},
		"hosts of other solvers come first": {
			acme + "    - http01: {}\n    - {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}\nexpose:\n- {name: d, hosts: [d.example.org, d.example.com], className: nginx" + routes + "- {name: e, host: e.example.com, className: traefik" + routes,
			map[string]string{"d.example.org": "dns", "d.example.com": "ingress nginx minion", "e.example.com": "ingress traefik"},
		},
		"routes without challenges come first": {
			acme + "    - http01: {}\n    - {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}\nexpose:\n- {name: d, host: d.example.org, className: nginx" + routes + "- {name: e, host: e.example.com, className: nginx" + routes,
			map[string]string{"d.example.org": "dns", "e.example.com": "ingress nginx minion"},
		},
		"it is not used, and it answers through a Gateway": {
			acme + "    - http01: {gatewayHTTPRoute: {parentRefs: [{name: g, kind: Gateway}]}}\ncertificates: [{name: own, issuer: web, dnsNames: [own.example.com]}]\n",
			map[string]string{"own.example.com": "gateway"},
		},
		"it is not used": {
			acme + "    - http01: {}\ncertificates: [{name: own, issuer: web, dnsNames: [own.example.com]}]\n",
			map[string]string{"own.example.com": "ingress"},
		},
		"mergeable alone leaves a plain fallback": {
			acme + "    - http01: {}\nexpose:\n- {name: m, host: m.example.com, className: nginx" + routes + "certificates: [{name: own, issuer: web, dnsNames: [own.example.com]}]\n",
			map[string]string{"m.example.com": "ingress nginx minion", "own.example.com": "ingress nginx"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(t, c.source)
			got := map[string]string{}
			for _, n := range p.Needs {
				for _, host := range n.Certificate.DNSNames {
					got[host] = picked(t, p, n, host)
				}
			}
			for host, want := range c.want {
				if got[host] != want {
					t.Errorf("%s is solved by %q, want %q", host, got[host], want)
				}
			}
			if len(got) != len(c.want) {
				t.Errorf("needs are for %v", got)
			}
		})
	}
}

// TestNewLeavesTheFileAlone: environments share values with their base.
// TestSolverLabels has the label by which a route chooses its solver, "" where
// the solver that serves everybody does.
func TestSolverLabels(t *testing.T) {
	const routes = ", issuer: web, routes: [{path: /, service: s, port: 80}]}\n"
	p := parse(t, `
issuers: [{name: web, acme: {server: letsencrypt, solvers: [{http01: {}}, {dns01: {cloudDNS: {project: a}}, selector: {dnsZones: [example.org]}}]}}]
ingressClasses: [{name: community, controller: k8s.io/ingress-nginx}]
expose:
- {name: merged, host: merged.example.com, className: nginx`+routes+`
- {name: first, host: first.example.com, className: community`+routes+`
- {name: second, host: second.example.com, className: traefik`+routes+`
- {name: mixed, hosts: [a.example.org, mixed.example.com], className: traefik`+routes+`
- {name: dns, host: b.example.org, className: traefik`+routes+`
- {name: route, as: HTTPRoute, host: route.example.com, gateway: {name: g, className: x}`+routes)
	got := map[string]string{}
	for _, n := range p.Needs {
		got[n.Certificate.DNSNames[0]] = n.Labels[v1alpha1.SolverLabel]
	}
	want := map[string]string{
		"merged.example.com": "mergeable-nginx", "first.example.com": "", "second.example.com": "ingress-traefik",
		"a.example.org": "ingress-traefik", "b.example.org": "", "route.example.com": "gateway",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	labels := []string{}
	for _, s := range p.Issuers[0].Solvers {
		label := ""
		if s.Selector != nil {
			label = s.Selector.MatchLabels[v1alpha1.SolverLabel]
		}
		labels = append(labels, label)
	}
	if diff := cmp.Diff([]string{"", "ingress-traefik", "gateway", "mergeable-nginx", ""}, labels); diff != "" {
		t.Errorf("solvers (-want +got):\n%s", diff)
	}
}

func TestNewLeavesTheFileAlone(t *testing.T) {
	source := `
issuers:
- {name: web, acme: {server: letsencrypt, solvers: [{http01: {ingress: {ingressTemplate: {metadata: {annotations: {a: b}}}}}, selector: {matchLabels: {}}}]}}
expose:
- {name: m, host: m.example.com, className: nginx, issuer: web, labels: {l: v}, annotations: {x: y}, redirect: true, routes: [{path: /, service: s, port: 80}]}
- {name: v, as: VirtualServer, host: v.example.com, className: nginx, issuer: web, labels: {l: v}, routes: [{path: /, service: s, port: 80}]}
`
	doc, err := config.Parse(nil, "certs.yaml", []byte("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"+source))
	if err != nil {
		t.Fatal(err)
	}
	plan.New(doc.Base, nil)
	e := doc.Base.Expose[0]
	if len(e.Labels) != 1 || len(e.Annotations) != 1 {
		t.Errorf("planning changed the file: labels %v, annotations %v", e.Labels, e.Annotations)
	}
	solver := doc.Base.Issuers[0].ACME.Solvers[0]
	if len(solver.HTTP01.Ingress.IngressTemplate.Annotations) != 1 || len(solver.Selector.MatchLabels) != 0 {
		t.Errorf("planning changed the file: %+v", solver)
	}
}
