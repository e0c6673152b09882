package acme

import (
	"context"
	"slices"

	"github.com/go-acme/lego/v4/acme"
	"github.com/go-acme/lego/v4/acme/api"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
)

// authz is an authorization (RFC 8555 §7.1.4).
type authz struct {
	acme.Authorization
	Challenges []challenge `json:"challenges"`
	url        string
}

// challenge adds fields that lego does not have: identifiers of problems, and the contents of a
// dns-persist-01 record.
type challenge struct {
	acme.Challenge
	Error         *problem `json:"error"`
	AccountURI    string   `json:"accounturi"`
	IssuerDomains []string `json:"issuer-domain-names"`
}

// authzTurns is how many authorizations of one order are processed at once.
const authzTurns = 16

// name is the domain to validate; a wildcard's is without "*." (RFC 8555 §7.1.4).
func (z authz) name() string { return z.Identifier.Value }

// ordered is the name in the order.
func (z authz) ordered() string {
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

// authzs reads authorizations concurrently.
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
