package cli

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/cert-manager/cert-manager/pkg/util/solverpicker"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// solvers choose and make what proves names.
type solvers struct {
	*operator
	http run.Prover

	lock   sync.Mutex
	dns    map[run.IssuerKey][]*dnsProver
	record run.Prover // by permanent TXT records
}

func newSolvers(o *operator) *solvers {
	return &solvers{operator: o, http: responder.HTTP{Responder: &o.responder, Eyes: &responder.Eyes{}}, dns: map[run.IssuerKey][]*dnsProver{}}
}

// way is how a name is proved, before anything is made for it.
type way struct {
	kind   string // challenge type
	static bool   // by the responder, else by objects
	solver *cmacme.ACMEChallengeSolver
}

// writes reports whether something must be written for the proof, so that one
// by a record that is there already is better.
func (w way) writes() bool { return w.kind == run.DNS01 || w.kind == run.HTTP01 && !w.static }

// responds reports whether this process answers the challenge itself.
func (w way) responds() bool { return w.kind == run.TLSALPN01 || w.kind == run.HTTP01 && w.static }

func (w way) String() string {
	switch {
	case w.kind == run.DNS01:
		return "dns-01 " + dnsName(w.solver.DNS01)
	case w.kind == run.HTTP01 && w.static:
		return "http-01 static"
	case w.kind == run.HTTP01:
		return "http-01 solver"
	}
	return w.kind
}

// dnsName is the name of the one provider that a solver has.
func dnsName(s *cmacme.ACMEChallengeSolverDNS01) string {
	v := reflect.ValueOf(*s)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			return name
		}
	}
	return ""
}

// way picks as cert-manager does, among the challenge types that are offered.
func (s *solvers) way(d *run.Demand, name string, wildcard bool, offered []string) (way, error) {
	host := name
	if wildcard {
		host = "*." + name
	}
	types := slices.Clone(offered)
	if s.in.listenTLS != "" && slices.Contains(offered, run.TLSALPN01) && !slices.Contains(types, run.HTTP01) {
		types = append(types, run.HTTP01) // the same solvers stand for both
	}
	var challenges []cmacme.ACMEChallenge
	for _, t := range types {
		challenges = append(challenges, cmacme.ACMEChallenge{Type: t})
	}
	order := &cmacme.Order{ObjectMeta: metav1.ObjectMeta{Labels: d.Labels}}
	solver, challenge := solverpicker.Pick(context.Background(), host, challenges, d.ACME().Solvers, order)
	if solver == nil {
		return way{}, &run.Failure{Reason: run.ReasonSolver, Name: host, Detail: fmt.Sprintf(
			"no solver of %s fits (the CA offers %s); give the issuer one whose selector matches", d.Issuer.Key(), strings.Join(slices.Sorted(slices.Values(offered)), ", "))}
	}
	all := d.ACME().Solvers // what is picked is a copy
	i := slices.IndexFunc(all, func(one cmacme.ACMEChallengeSolver) bool { return reflect.DeepEqual(one, *solver) })
	w := way{kind: challenge.Type, solver: &all[i]}
	if w.kind != run.HTTP01 {
		return w, nil
	}
	if s.in.listenTLS != "" && slices.Contains(offered, run.TLSALPN01) && net.ParseIP(name) == nil {
		w.kind = run.TLSALPN01
		return w, nil
	}
	w.static = s.in.http01 == "static" || s.in.http01 == "auto" && s.world.Static(name)
	return w, nil
}

// expected picks for a name of a demand, if the CA offers what CAs offer.
func (s *solvers) expected(d *run.Demand, name string) (way, error) {
	offered := []string{run.HTTP01, run.DNS01, run.TLSALPN01}
	base, wildcard := strings.CutPrefix(name, "*.")
	switch {
	case wildcard:
		offered = []string{run.DNS01}
	case net.ParseIP(name) != nil:
		offered = []string{run.HTTP01, run.TLSALPN01}
	}
	return s.way(d, base, wildcard, offered)
}

// refusal implements run.Rules.Refusal: why the responder does not answer for a
// name of a demand.
func (s *solvers) refusal(d *run.Demand) string {
	for _, name := range d.Names {
		w, err := s.expected(d, name)
		if err != nil {
			continue // ordering says what is wrong
		}
		if refusal := s.refusalOf(d, name, w); refusal != "" {
			return refusal
		}
	}
	return ""
}

func (s *solvers) refusalOf(d *run.Demand, name string, w way) string {
	if !w.responds() {
		return ""
	}
	return s.world.Refusal(d.Ref, name)
}

// choose implements run.Runner.Solvers.
func (s *solvers) choose(d *run.Demand, ca run.CA) func(string, bool, []string) (run.Solver, error) {
	var lock sync.Mutex
	made := map[way]run.Prover{} // names that are proved in one way are proved together
	return func(name string, wildcard bool, offered []string) (run.Solver, error) {
		w, err := s.way(d, name, wildcard, offered)
		if err != nil || w.writes() {
			if p, ok := s.persistent(ca, name, wildcard, offered); ok {
				return p, nil
			}
		}
		if err != nil {
			return run.Solver{}, err
		}
		if refusal := s.refusalOf(d, name, w); refusal != "" { // the routes may have changed meanwhile
			return run.Solver{}, &run.Failure{Reason: run.ReasonSolver, Name: name, Detail: refusal}
		}
		lock.Lock()
		defer lock.Unlock()
		p := made[w]
		if p == nil {
			if p, err = s.make(d, w); err != nil {
				return run.Solver{}, err
			}
			made[w] = p
		}
		return run.Solver{Type: w.kind, Prover: p}, nil
	}
}

func (s *solvers) make(d *run.Demand, w way) (run.Prover, error) {
	switch {
	case w.kind == run.TLSALPN01:
		return &s.alpn, nil
	case w.kind == run.DNS01:
		return s.dnsProver(d, w.solver)
	case w.static:
		return s.http, nil
	}
	return s.objects(d, w), nil
}

// objects makes what answers by a pod, a Service and a route of its own.
func (s *solvers) objects(d *run.Demand, w way) run.Prover {
	return &cluster.SolverObjects{
		Client: s.client, For: d.Ref, Config: w.solver.HTTP01, Image: s.in.solverImage, Wait: w.solver.WaitInsteadOfSelfCheck, See: responder.See,
		Ingress: d.Need.Ingress, Gateway: d.Gateway,
	}
}
