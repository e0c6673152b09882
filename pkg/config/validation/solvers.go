package validation

import (
	"slices"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) unknownIssuer(at *strictyaml.Path, namespace, name string) {
	if c.Full() {
		return
	}
	var known []string
	for _, issuer := range c.certs.Issuers {
		if issuer.Name == name {
			where := "this entry, which has no namespace"
			if namespace != "" {
				where = "namespace " + namespace
			}
			c.bad(at, "Issuer %s is in namespace %s and cannot be used from %s; use a ClusterIssuer, or an Issuer in the same namespace", name, issuer.Namespace, where)
			return
		}
		known = append(known, issuer.Name)
	}
	c.bad(at, "no issuer %q here%s", name, c.Suggest(name, known))
}

// checkSolver checks that the issuer has a solver for a host.
func (c *checker) checkSolver(at *strictyaml.Path, issuer *v1alpha1.Issuer, host string, labels map[string]string) {
	if issuer.ACME == nil || isVague(issuer.ACME) || hostRule(host) != "" || issuer.ACME.Pick(host, labels) >= 0 {
		return
	}
	if v1alpha1.IsWildcard(host) && !hasDNS01(issuer.ACME) {
		c.bad(at, "%q needs a DNS-01 solver; issuer %s has only HTTP-01", host, issuer.Name)
		return
	}
	what := "solver"
	if v1alpha1.IsWildcard(host) {
		what = "DNS-01 solver"
	}
	c.bad(at, "no %s of issuer %s selects %q; add the name to a selector, or add a solver without a selector", what, issuer.Name, host)
}

// isVague reports whether a solver is missing or empty, which is reported
// elsewhere: the challenge types of the issuer are not known then.
func isVague(a *v1alpha1.ACME) bool {
	return len(a.Solvers) == 0 || slices.ContainsFunc(a.Solvers, func(s v1alpha1.Solver) bool { return s.HTTP01 == nil && s.DNS01 == nil })
}

func hasDNS01(a *v1alpha1.ACME) bool {
	for _, s := range a.Solvers {
		if s.DNS01 != nil {
			return true
		}
	}
	return false
}
