package operator

import (
	"context"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/http01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// solvers create the Solvers of names.
type solvers struct {
	methods challengeMethods
	http    issuance.Solver // answers HTTP-01 in this process
	tlsALPN issuance.Solver // answers TLS-ALPN-01 in this process
	dns     *dnsSolvers
	checker *responder.Checker
	client  *kube.Client
	image   string // of solver pods
}

// choose implements issuance.Runner.Solvers. Its Solvers end with life.
func (s *solvers) choose(life context.Context, d *issuance.Demand, ca issuance.CA) func(string, bool, []string) (issuance.ChosenSolver, error) {
	var lock sync.Mutex
	made := map[challengeMethod]issuance.Solver{} // names with the same method share a Solver
	return func(name string, wildcard bool, offered []string) (issuance.ChosenSolver, error) {
		challenged := challengedName{name, wildcard, offered}
		method, err := s.methods.choose(d, challenged)
		if err != nil || method.writes() {
			if solver, found := s.dns.permanent(life, ca, challenged); found {
				return solver, nil
			}
		}
		if err != nil {
			return issuance.ChosenSolver{}, err
		}
		if refusal := s.methods.refusalOf(d, name, method); refusal != "" { // the routes may have changed
			return issuance.ChosenSolver{}, &issuance.Failure{Reason: issuance.ReasonSolver, Name: name, Detail: refusal}
		}
		lock.Lock()
		defer lock.Unlock()
		solver := made[method]
		if solver == nil {
			if solver, err = s.newSolver(life, d, method); err != nil {
				return issuance.ChosenSolver{}, err
			}
			made[method] = solver
		}
		return issuance.ChosenSolver{Type: method.kind, Solver: solver}, nil
	}
}

func (s *solvers) newSolver(life context.Context, d *issuance.Demand, method challengeMethod) (issuance.Solver, error) {
	switch {
	case method.kind == issuance.TLSALPN01:
		return s.tlsALPN, nil
	case method.kind == issuance.DNS01:
		return s.dns.solver(life, d.Issuer, method.solver)
	case method.static:
		return s.http, nil
	}
	return s.solverObjects(d, method), nil
}

// solverObjects returns the Solver that creates a pod, a Service and a route.
func (s *solvers) solverObjects(d *issuance.Demand, method challengeMethod) issuance.Solver {
	return &http01.Solver{
		Client: s.client, For: d.Ref, Config: method.solver.HTTP01, Image: s.image, Wait: method.solver.WaitInsteadOfSelfCheck, See: s.checker.Check, Explain: s.checker.Explain,
		Ingress: d.Need.Ingress, Gateway: d.Gateway,
	}
}
