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
	prover    issuance.Prover
	run       issuance.Challenge
}

// task selects the solver of a name.
func (t *attempt) task(z authz) (task, error) {
	solver, err := t.solver(z)
	if err != nil {
		f := *issuance.AsFailure(issuance.ReasonSolver, err)
		if f.Name == "" {
			f.Name = z.asked()
		}
		return task{}, &f
	}
	ch, _ := z.challenge(solver.Type)
	return task{authz: z, challenge: ch, prover: solver.Prover, run: t.answer(z, ch)}, nil
}

func (t *attempt) solver(z authz) (issuance.Solver, error) {
	if t.request.Solver == nil {
		return issuance.Solver{}, errors.New("no solver")
	}
	solver, err := t.request.Solver(z.name(), z.Wildcard, z.offered())
	if err != nil {
		return issuance.Solver{}, err
	}
	if !slices.Contains(z.offered(), solver.Type) || solver.Prover == nil {
		return issuance.Solver{}, fmt.Errorf("the solver supports %s, but the CA offers %s", solver.Type, clean(strings.Join(z.offered(), ", ")))
	}
	return solver, nil
}

// answer returns the Challenge for the Prover.
func (t *attempt) answer(z authz, ch challenge) issuance.Challenge {
	c := issuance.Challenge{
		Type: ch.Type, Name: z.name(), Wildcard: z.Wildcard,
		Account: cmp.Or(ch.AccountURI, t.URL()), IssuerDomains: ch.IssuerDomains,
	}
	if len(c.IssuerDomains) == 0 {
		c.IssuerDomains = t.Meta().CAAIdentities
	}
	if ch.Type != issuance.DNSPersist01 {
		c.Token, c.KeyAuthorization = ch.Token, ch.Token+"."+t.Thumbprint() // RFC 8555 §8.1
	}
	return c
}

// group is the challenges of one Prover.
type group struct {
	prover     issuance.Prover
	challenges []issuance.Challenge
}

// groups groups tasks by Prover, in the order of the tasks.
func groups(tasks []task) []group {
	var all []group
	at := map[issuance.Prover]int{}
	for _, t := range tasks {
		i, known := at[t.prover]
		if !known {
			i = len(all)
			at[t.prover] = i
			all = append(all, group{prover: t.prover})
		}
		all[i].challenges = append(all[i].challenges, t.run)
	}
	return all
}
