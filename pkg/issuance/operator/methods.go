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

// challengeMethod is how control of a name is proved, before anything is made
// for it.
type challengeMethod struct {
	kind   string // challenge type
	static bool   // HTTP-01 by the responder, else by objects
	solver *cmacme.ACMEChallengeSolver
}

// writes reports whether the proof writes something. A proof by a record that
// exists already is better.
func (m challengeMethod) writes() bool {
	return m.kind == issuance.DNS01 || m.kind == issuance.HTTP01 && !m.static
}

// responds reports whether this process answers the challenge itself.
func (m challengeMethod) responds() bool {
	return m.kind == issuance.TLSALPN01 || m.kind == issuance.HTTP01 && m.static
}

// String returns the method as tables show it, such as "http-01 static".
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

// dnsProviderName is the name of the one provider that a solver has.
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

// challengedName is a name of an order and the challenge types that the CA
// offers for it.
type challengedName struct {
	name     string // without *.
	wildcard bool
	offered  []string
}

// String returns the name as certificates have it.
func (n challengedName) String() string {
	if n.wildcard {
		return "*." + n.name
	}
	return n.name
}

// usuallyOffered returns a name with the challenge types that CAs offer for
// names of its kind.
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

// challengeMethods choose among the solvers of issuers.
type challengeMethods struct {
	world  *watch.Snapshot
	http01 HTTP01Mode
	// tlsALPN reports whether this process answers TLS-ALPN-01.
	tlsALPN bool
}

// choose picks a solver as cert-manager does, among the challenge types that
// are offered.
func (m challengeMethods) choose(d *issuance.Demand, name challengedName) (challengeMethod, error) {
	byTLS := m.tlsALPN && slices.Contains(name.offered, issuance.TLSALPN01)
	types := slices.Clone(name.offered)
	if byTLS && !slices.Contains(types, issuance.HTTP01) {
		types = append(types, issuance.HTTP01) // the same solvers stand for both
	}
	var challenges []cmacme.ACMEChallenge
	for _, t := range types {
		challenges = append(challenges, cmacme.ACMEChallenge{Type: t})
	}
	order := &cmacme.Order{ObjectMeta: metav1.ObjectMeta{Labels: d.Labels}}
	solver, challenge := solverpicker.Pick(context.Background(), name.String(), challenges, d.ACME().Solvers, order)
	if solver == nil {
		return challengeMethod{}, &issuance.Failure{Reason: issuance.ReasonSolver, Name: name.String(), Detail: fmt.Sprintf(
			"no solver of %s fits (the CA offers %s); give the issuer one whose selector matches", d.Issuer.Key(), strings.Join(slices.Sorted(slices.Values(name.offered)), ", "))}
	}
	all := d.ACME().Solvers // what is picked is a copy
	i := slices.IndexFunc(all, func(one cmacme.ACMEChallengeSolver) bool { return reflect.DeepEqual(one, *solver) })
	method := challengeMethod{kind: challenge.Type, solver: &all[i]}
	switch {
	case method.kind != issuance.HTTP01:
	case byTLS && net.ParseIP(name.name) == nil:
		method.kind = issuance.TLSALPN01
	default:
		method.static = m.http01 == HTTP01Static || m.http01 == HTTP01Auto && m.world.Static(name.name)
	}
	return method, nil
}

// refusal implements issuance.Rules.Refusal: it returns why the responder does not
// answer for a name of a demand, "" if it does or need not.
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
	return m.world.Refusal(d.Ref, name)
}

// proofs returns how control of the names of a demand would be proved, each
// method once, if the CA offers what CAs offer.
func (m challengeMethods) proofs(d *issuance.Demand) []string {
	var proofs []string
	for _, name := range d.Names {
		proof := "no solver fits " + name
		if method, err := m.choose(d, usuallyOffered(name)); err == nil {
			proof = method.String()
		}
		if !slices.Contains(proofs, proof) {
			proofs = append(proofs, proof)
		}
	}
	return proofs
}
