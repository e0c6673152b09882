package operator

import (
	"context"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/http01"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// solvers make what proves control of names.
type solvers struct {
	methods challengeMethods
	http    run.Prover // answers HTTP-01 in this process
	tlsALPN run.Prover // answers TLS-ALPN-01 in this process
	dns     *dnsProvers
	client  *kube.Client
	image   string // of solver pods
}

// choose implements run.Runner.Solvers. What it makes ends with life.
func (s *solvers) choose(life context.Context, d *run.Demand, ca run.CA) func(string, bool, []string) (run.Solver, error) {
	var lock sync.Mutex
	made := map[challengeMethod]run.Prover{} // names with one method are proved together
	return func(name string, wildcard bool, offered []string) (run.Solver, error) {
		challenged := challengedName{name, wildcard, offered}
		method, err := s.methods.choose(d, challenged)
		if err != nil || method.writes() {
			if solver, found := s.dns.permanent(life, ca, challenged); found {
				return solver, nil
			}
		}
		if err != nil {
			return run.Solver{}, err
		}
		if refusal := s.methods.refusalOf(d, name, method); refusal != "" { // the routes may have changed meanwhile
			return run.Solver{}, &run.Failure{Reason: run.ReasonSolver, Name: name, Detail: refusal}
		}
		lock.Lock()
		defer lock.Unlock()
		prover := made[method]
		if prover == nil {
			if prover, err = s.newProver(life, d, method); err != nil {
				return run.Solver{}, err
			}
			made[method] = prover
		}
		return run.Solver{Type: method.kind, Prover: prover}, nil
	}
}

func (s *solvers) newProver(life context.Context, d *run.Demand, method challengeMethod) (run.Prover, error) {
	switch {
	case method.kind == run.TLSALPN01:
		return s.tlsALPN, nil
	case method.kind == run.DNS01:
		return s.dns.prover(life, d.Issuer, method.solver)
	case method.static:
		return s.http, nil
	}
	return s.solverObjects(d, method), nil
}

// solverObjects returns the prover by a pod, a Service and a route of its own.
func (s *solvers) solverObjects(d *run.Demand, method challengeMethod) run.Prover {
	return &http01.Prover{
		Client: s.client, For: d.Ref, Config: method.solver.HTTP01, Image: s.image, Wait: method.solver.WaitInsteadOfSelfCheck, See: responder.See,
		Ingress: d.Need.Ingress, Gateway: d.Gateway,
	}
}
