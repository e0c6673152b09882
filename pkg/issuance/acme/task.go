package acme

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

// task is the validation of one name.
type task struct {
	authz     authz
	challenge challenge
	solver    issuance.Solver
	run       issuance.Challenge
}

// task selects the solver of a name.
func (t *attempt) task(z authz) (task, error) {
	solver, err := t.chooseSolver(z)
	if err != nil {
		f := *issuance.AsFailure(issuance.ReasonSolver, err)
		if f.Name == "" {
			f.Name = z.ordered()
		}
		return task{}, &f
	}
	ch, _ := z.challenge(solver.Type)
	return task{authz: z, challenge: ch, solver: solver.Solver, run: t.answer(z, ch)}, nil
}

func (t *attempt) chooseSolver(z authz) (issuance.ChosenSolver, error) {
	if t.request.Solver == nil {
		return issuance.ChosenSolver{}, errors.New("no solver")
	}
	solver, err := t.request.Solver(z.name(), z.Wildcard, z.offered())
	if err != nil {
		return issuance.ChosenSolver{}, err
	}
	if !slices.Contains(z.offered(), solver.Type) || solver.Solver == nil {
		return issuance.ChosenSolver{}, fmt.Errorf("the solver supports %s, but the CA offers %s", solver.Type, clean(strings.Join(z.offered(), ", ")))
	}
	return solver, nil
}

// answer returns the Challenge for the Solver.
func (t *attempt) answer(z authz, ch challenge) issuance.Challenge {
	c := issuance.Challenge{
		Type: ch.Type, Name: z.name(), Wildcard: z.Wildcard,
		Account: cmp.Or(ch.AccountURI, t.account.URL()), IssuerDomains: ch.IssuerDomains,
	}
	if len(c.IssuerDomains) == 0 {
		c.IssuerDomains = t.account.Meta().CAAIdentities
	}
	if ch.Type != issuance.DNSPersist01 {
		c.Token, c.KeyAuthorization = ch.Token, ch.Token+"."+t.account.Thumbprint() // RFC 8555 §8.1
	}
	return c
}

// group is the challenges of one Solver.
type group struct {
	solver     issuance.Solver
	challenges []issuance.Challenge
}

// groups groups tasks by Solver, in the order of the tasks.
func groups(tasks []task) []group {
	var all []group
	at := map[issuance.Solver]int{}
	for _, t := range tasks {
		i, known := at[t.solver]
		if !known {
			i = len(all)
			at[t.solver] = i
			all = append(all, group{solver: t.solver})
		}
		all[i].challenges = append(all[i].challenges, t.run)
	}
	return all
}
