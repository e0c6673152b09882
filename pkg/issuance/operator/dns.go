package operator

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/acme"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01/process"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// ParseNameServers completes the addresses of name servers: host, host:port, [IPv6] or [IPv6]:port.
func ParseNameServers(values []string) ([]string, error) {
	var servers []string
	var errs []error
	for _, value := range values {
		server, err := dns01.Address(value)
		servers, errs = append(servers, server), append(errs, err)
	}
	return servers, errors.Join(errs...)
}

// dnsSolvers write TXT records for the solvers of issuers.
type dnsSolvers struct {
	secrets issuerSecrets
	// options has the resolvers; the rest depends on the solver.
	options dns01.Options

	lock       sync.Mutex
	byIssuer   map[plan.IssuerKey][]*dnsSolver
	persistent issuance.Solver // for permanent records
}

func newDNSSolvers(secrets issuerSecrets, options dns01.Options) *dnsSolvers {
	return &dnsSolvers{secrets: secrets, options: options, byIssuer: map[plan.IssuerKey][]*dnsSolver{}}
}

// dnsSolver writes TXT records for one solver of an issuer.
type dnsSolver struct {
	config   *cmacme.ACMEChallengeSolver
	made     time.Time
	done     chan struct{} // closed when the rest is set
	instance issuance.Solver
	err      error
}

// credentialsMaxAge is how long credentials are used before their Secret is read again.
const credentialsMaxAge = 5 * time.Minute

// solver returns the Solver for a solver of an issuer. It ends with life. The orders of an issuer share
// it, and its Secrets are read once. Creating it may include a login at a DNS provider; callers for
// other solvers do not wait for that.
func (p *dnsSolvers) solver(life context.Context, issuer issuance.Issuer, solver *cmacme.ACMEChallengeSolver) (issuance.Solver, error) {
	key := issuer.Key()
	p.lock.Lock()
	one := p.find(key, solver)
	if one == nil {
		one = &dnsSolver{config: solver.DeepCopy(), made: time.Now(), done: make(chan struct{})}
		p.byIssuer[key] = append(p.byIssuer[key], one)
		go p.fill(life, one, issuer)
	}
	p.lock.Unlock()
	<-one.done // at the latest when life ends
	if one.err != nil {
		f := issuance.AsFailure(issuance.ReasonSolver, one.err)
		return nil, &issuance.Failure{Reason: f.Reason, Detail: fmt.Sprintf("%s: %s: %s", key, dnsProviderName(solver.DNS01), f.Detail), Err: one.err}
	}
	return one.instance, nil
}

// find returns the dnsSolver of a configuration, nil if there is none or its credentials must be read
// again. Solvers that differ only in their selectors share one.
func (p *dnsSolvers) find(key plan.IssuerKey, solver *cmacme.ACMEChallengeSolver) *dnsSolver {
	p.byIssuer[key] = slices.DeleteFunc(p.byIssuer[key], func(one *dnsSolver) bool { return time.Since(one.made) >= credentialsMaxAge })
	i := slices.IndexFunc(p.byIssuer[key], func(one *dnsSolver) bool {
		return reflect.DeepEqual(one.config.DNS01, solver.DNS01) && reflect.DeepEqual(one.config.WaitInsteadOfSelfCheck, solver.WaitInsteadOfSelfCheck)
	})
	if i < 0 {
		return nil
	}
	return p.byIssuer[key][i]
}

// fill creates the solver. A failed one is not kept.
func (p *dnsSolvers) fill(life context.Context, one *dnsSolver, issuer issuance.Issuer) {
	defer close(one.done)
	one.instance, one.err = p.newSolver(life, issuer, one.config)
	p.lock.Lock()
	defer p.lock.Unlock()
	if one.err != nil {
		p.byIssuer[issuer.Key()] = slices.DeleteFunc(p.byIssuer[issuer.Key()], func(other *dnsSolver) bool { return other == one })
	}
}

func (p *dnsSolvers) newSolver(life context.Context, issuer issuance.Issuer, solver *cmacme.ACMEChallengeSolver) (issuance.Solver, error) {
	namespace, secrets := p.secrets.namespace(issuer), p.secrets.secrets
	o := p.options
	o.Namespace = namespace
	o.Ambient = issuer.Namespace == "" // as in cert-manager, for ClusterIssuers only
	o.Token = func(ctx context.Context, account string, audiences []string) (string, error) {
		return secrets.Token(ctx, namespace, account, audiences)
	}
	o.Webhook = secrets.Webhook
	if wait := solver.WaitInsteadOfSelfCheck; wait != nil {
		o.WaitInstead = &wait.Duration
	}
	o.ByName = process.Launcher{}.Provider
	return dns01.New(life, solver.DNS01, func(ctx context.Context, name string) (map[string][]byte, error) {
		return secrets.Data(ctx, namespace, name)
	}, o)
}

// recordTimeout is the timeout of the lookup of a permanent record.
const recordTimeout = 10 * time.Second

// permanent returns the solver for a permanent TXT record, if the CA offers that and the record
// exists.
func (p *dnsSolvers) permanent(life context.Context, ca issuance.CA, name challengedName) (issuance.ChosenSolver, bool) {
	account, ours := ca.(*acme.Account)
	if !ours || !slices.Contains(name.offered, issuance.DNSPersist01) {
		return issuance.ChosenSolver{}, false
	}
	solver, err := p.permanentSolver()
	if err != nil {
		return issuance.ChosenSolver{}, false
	}
	ctx, stop := context.WithTimeout(life, recordTimeout)
	defer stop()
	err = solver.Present(ctx, []issuance.Challenge{{
		Type: issuance.DNSPersist01, Name: name.name, Wildcard: name.wildcard, Account: account.URL(), IssuerDomains: account.Meta().CAAIdentities,
	}})
	return issuance.ChosenSolver{Type: issuance.DNSPersist01, Solver: solver}, err == nil
}

// permanentSolver returns the solver for permanent records.
func (p *dnsSolvers) permanentSolver() (issuance.Solver, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.persistent != nil {
		return p.persistent, nil
	}
	solver, err := dns01.NewPersist(p.options)
	p.persistent = solver
	return solver, err
}
