package operator

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/cert-manager/cert-manager/pkg/util/solverpicker"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/watch"
)

// challengeMethod is how a name is validated, before anything is created for it.
type challengeMethod struct {
	kind   string // challenge type
	static bool   // HTTP-01 by the responder, not by a solver pod
	solver *cmacme.ACMEChallengeSolver
}

// writes reports whether the method writes something. An existing permanent record is preferred
// to that.
func (m challengeMethod) writes() bool {
	return m.kind == issuance.DNS01 || m.kind == issuance.HTTP01 && !m.static
}

// responds reports whether this process answers the challenge itself.
func (m challengeMethod) responds() bool {
	return m.kind == issuance.TLSALPN01 || m.kind == issuance.HTTP01 && m.static
}

// String returns the method for tables, for example "http-01 static".
func (m challengeMethod) String() string {
	switch {
	case m.kind == issuance.DNS01:
		return "dns-01 " + dnsProviderName(m.solver.DNS01)
	case m.kind == issuance.HTTP01 && m.static:
		return "http-01 static"
	case m.kind == issuance.HTTP01:
		return "http-01 solver"
	}
	return m.kind
}

// dnsProviderName returns the name of a solver's provider.
func dnsProviderName(s *cmacme.ACMEChallengeSolverDNS01) string {
	v := reflect.ValueOf(*s)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}

// challengedName is a name of an order with the challenge types that the CA offers for it.
type challengedName struct {
	name     string // without *.
	wildcard bool
	offered  []string
}

// String returns the name as in certificates.
func (n challengedName) String() string {
	if n.wildcard {
		return "*." + n.name
	}
	return n.name
}

// usuallyOffered returns a name with the challenge types that CAs offer for such names.
func usuallyOffered(name string) challengedName {
	base, wildcard := strings.CutPrefix(name, "*.")
	n := challengedName{base, wildcard, []string{issuance.HTTP01, issuance.DNS01, issuance.TLSALPN01}}
	switch {
	case wildcard:
		n.offered = []string{issuance.DNS01}
	case net.ParseIP(name) != nil:
		n.offered = []string{issuance.HTTP01, issuance.TLSALPN01}
	}
	return n
}

// challengeMethods selects among the solvers of issuers.
type challengeMethods struct {
	snapshot *watch.Snapshot
	http01   HTTP01Mode
	// tlsALPN is whether this process answers TLS-ALPN-01.
	tlsALPN bool
}

// choose selects a solver as cert-manager does, among the offered challenge types.
func (m challengeMethods) choose(d *issuance.Demand, name challengedName) (challengeMethod, error) {
	byTLS := m.tlsALPN && slices.Contains(name.offered, issuance.TLSALPN01)
	types := slices.Clone(name.offered)
	if byTLS && !slices.Contains(types, issuance.HTTP01) {
		types = append(types, issuance.HTTP01) // http01 solvers are used for both types
	}
	var challenges []cmacme.ACMEChallenge
	for _, t := range types {
		challenges = append(challenges, cmacme.ACMEChallenge{Type: t})
	}
	order := &cmacme.Order{ObjectMeta: metav1.ObjectMeta{Labels: d.Labels}}
	solver, challenge := solverpicker.Pick(context.Background(), name.String(), challenges, d.ACME().Solvers, order)
	if solver == nil {
		return challengeMethod{}, &issuance.Failure{Reason: issuance.ReasonSolver, Name: name.String(), Detail: fmt.Sprintf(
			"no solver of %s matches (the CA offers %s): add %s whose selector matches", d.Issuer.Key(), strings.Join(slices.Sorted(slices.Values(name.offered)), ", "), solverFor(name))}
	}
	all := d.ACME().Solvers // Pick returns a copy
	i := slices.IndexFunc(all, func(one cmacme.ACMEChallengeSolver) bool { return reflect.DeepEqual(one, *solver) })
	method := challengeMethod{kind: challenge.Type, solver: &all[i]}
	switch {
	case method.kind != issuance.HTTP01:
	case byTLS && net.ParseIP(name.name) == nil:
		method.kind = issuance.TLSALPN01
	default:
		method.static = m.http01 == HTTP01Static || m.http01 == HTTP01Auto && m.snapshot.Static(name.name)
	}
	return method, nil
}

// refusal implements issuance.Rules.Refusal: it returns why the responder does not answer for a
// name of a demand, "" if it does or need not.
func (m challengeMethods) refusal(d *issuance.Demand) string {
	for _, name := range d.Names {
		method, err := m.choose(d, usuallyOffered(name))
		if err != nil {
			continue // ordering reports it
		}
		if refusal := m.refusalOf(d, name, method); refusal != "" {
			return refusal
		}
	}
	return ""
}

func (m challengeMethods) refusalOf(d *issuance.Demand, name string, method challengeMethod) string {
	if !method.responds() {
		return ""
	}
	return m.snapshot.Refusal(d.Ref, name)
}

// describe returns the methods for the names of a demand, without duplicates, if the CA offers
// the usual challenge types.
func (m challengeMethods) describe(d *issuance.Demand) []string {
	var texts []string
	for _, name := range d.Names {
		text := "no solver for " + name
		if method, err := m.choose(d, usuallyOffered(name)); err == nil {
			text = method.String()
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// solverFor returns the solver that a name without a matching one needs.
func solverFor(name challengedName) string {
	http := slices.Contains(name.offered, issuance.HTTP01)
	dns := slices.Contains(name.offered, issuance.DNS01)
	switch {
	case http && dns:
		return "an http01 or dns01 solver"
	case http:
		return "an http01 solver"
	case dns:
		return "a dns01 solver"
	}
	return "a solver"
}
