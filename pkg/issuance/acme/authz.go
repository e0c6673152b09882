package acme

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// authz is an authorization as the server has it (RFC 8555 §7.1.4).
type authz struct {
	acme.Authorization
	Challenges []challenge `json:"challenges"`
	url        string
}

// challenge is one with what lego does not know: the identifiers of problems,
// and what a dns-persist-01 record must say.
type challenge struct {
	acme.Challenge
	Error         *problem `json:"error"`
	AccountURI    string   `json:"accounturi"`
	IssuerDomains []string `json:"issuer-domain-names"`
}

// authzTurns is how many authorizations of one order are at once dealt with.
const authzTurns = 16

// name is what is to be proved; a wildcard's is without "*." (RFC 8555 §7.1.4).
func (z authz) name() string { return z.Identifier.Value }

// asked is the name as it was ordered.
func (z authz) asked() string {
	if z.Wildcard {
		return "*." + z.name()
	}
	return z.name()
}

func (z authz) offered() []string {
	var types []string
	for _, ch := range z.Challenges {
		types = append(types, ch.Type)
	}
	return types
}

func (z authz) challenge(kind string) (challenge, bool) {
	i := slices.IndexFunc(z.Challenges, func(ch challenge) bool { return ch.Type == kind })
	if i < 0 {
		return challenge{}, false
	}
	return z.Challenges[i], true
}

// lookAtAuthz reads an authorization.
func (a *Account) lookAtAuthz(ctx context.Context, url string) (authz, error) {
	r, err := a.ask(ctx, asOrder, func(core *api.Core) error {
		_, err := core.Authorizations.Get(url)
		return err
	})
	if err != nil {
		return authz{}, err
	}
	z, err := decode[authz](r)
	z.url = url
	return z, err
}

// authzs reads authorizations, many at once.
func (a *Account) authzs(ctx context.Context, urls []string) ([]authz, error) {
	all := make([]authz, len(urls))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(authzTurns)
	for i, url := range urls {
		g.Go(panics.Guard(func() (err error) {
			all[i], err = a.lookAtAuthz(ctx, url)
			return err
		}))
	}
	return all, g.Wait()
}

// task is one name to be proved.
type task struct {
	authz     authz
	challenge challenge
	prover    issuance.Prover
	run       issuance.Challenge
}

// task chooses how a name is proved.
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
		return issuance.Solver{}, errors.New("no solver given")
	}
	solver, err := t.request.Solver(z.name(), z.Wildcard, z.offered())
	if err != nil {
		return issuance.Solver{}, err
	}
	if !slices.Contains(z.offered(), solver.Type) || solver.Prover == nil {
		return issuance.Solver{}, fmt.Errorf("the solver is for %s, the CA offers %s", solver.Type, clean(strings.Join(z.offered(), ", ")))
	}
	return solver, nil
}

// answer is what the Prover has to know.
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

// group are the names that one Prover proves.
type group struct {
	prover     issuance.Prover
	challenges []issuance.Challenge
}

// groups puts the tasks of equal Provers together, in the order of the tasks.
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
