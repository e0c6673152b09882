package operator

import (
	"context"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/http01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// solvers create the Provers of names.
type solvers struct {
	methods challengeMethods
	http    issuance.Prover // answers HTTP-01 in this process
	tlsALPN issuance.Prover // answers TLS-ALPN-01 in this process
	dns     *dnsProvers
	client  *kube.Client
	image   string // of solver pods
}

// choose implements issuance.Runner.Solvers. Its Provers end with life.
func (s *solvers) choose(life context.Context, d *issuance.Demand, ca issuance.CA) func(string, bool, []string) (issuance.Solver, error) {
	var lock sync.Mutex
	made := map[challengeMethod]issuance.Prover{} // names with the same method share a Prover
	return func(name string, wildcard bool, offered []string) (issuance.Solver, error) {
		challenged := challengedName{name, wildcard, offered}
		method, err := s.methods.choose(d, challenged)
		if err != nil || method.writes() {
			if solver, found := s.dns.permanent(life, ca, challenged); found {
				return solver, nil
			}
		}
		if err != nil {
			return issuance.Solver{}, err
		}
		if refusal := s.methods.refusalOf(d, name, method); refusal != "" { // the routes may have changed
			return issuance.Solver{}, &issuance.Failure{Reason: issuance.ReasonSolver, Name: name, Detail: refusal}
		}
		lock.Lock()
		defer lock.Unlock()
		prover := made[method]
		if prover == nil {
			if prover, err = s.newProver(life, d, method); err != nil {
				return issuance.Solver{}, err
			}
			made[method] = prover
		}
		return issuance.Solver{Type: method.kind, Prover: prover}, nil
	}
}

func (s *solvers) newProver(life context.Context, d *issuance.Demand, method challengeMethod) (issuance.Prover, error) {
	switch {
	case method.kind == issuance.TLSALPN01:
		return s.tlsALPN, nil
	case method.kind == issuance.DNS01:
		return s.dns.prover(life, d.Issuer, method.solver)
	case method.static:
		return s.http, nil
	}
	return s.solverObjects(d, method), nil
}

// solverObjects returns the Prover that creates a pod, a Service and a route.
func (s *solvers) solverObjects(d *issuance.Demand, method challengeMethod) issuance.Prover {
	return &http01.Prover{
		Client: s.client, For: d.Ref, Config: method.solver.HTTP01, Image: s.image, Wait: method.solver.WaitInsteadOfSelfCheck, See: responder.Check,
		Ingress: d.Need.Ingress, Gateway: d.Gateway,
	}
}
