package cli

import (
	"errors"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/responder"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

func (s *solvers) newDNS(issuer run.Issuer, solver *cmacme.ACMEChallengeSolverDNS01) (run.Prover, error) {
	return nil, errors.New("not there yet")
}

func (s *solvers) persistent(*run.Demand, run.CA, string, bool, []string) (run.Solver, bool) {
	return run.Solver{}, false
}

// objects makes what answers by a pod, a Service and a route of its own.
func (s *solvers) objects(d *run.Demand, w way) run.Prover {
	p := &cluster.SolverObjects{
		Client: s.client, For: d.Ref, Config: w.solver.HTTP01, Image: s.in.solverImage, Wait: w.solver.WaitInsteadOfSelfCheck, See: responder.See,
	}
	if d.By.Kind == "Gateway" {
		p.Gateway = d.By.Name
	}
	return p
}
