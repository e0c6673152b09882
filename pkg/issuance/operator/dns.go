package operator

import (
	"context"
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

// dnsProvers write TXT records for the solvers of issuers.
type dnsProvers struct {
	secrets issuerSecrets
	// options has the resolvers; the rest depends on the solver.
	options dns01.Options

	lock       sync.Mutex
	byIssuer   map[plan.IssuerKey][]*dnsProver
	persistent issuance.Prover // for permanent records
}

func newDNSProvers(secrets issuerSecrets, options dns01.Options) *dnsProvers {
	return &dnsProvers{secrets: secrets, options: options, byIssuer: map[plan.IssuerKey][]*dnsProver{}}
}

// dnsProver writes TXT records for one solver of an issuer.
type dnsProver struct {
	solver *cmacme.ACMEChallengeSolver
	made   time.Time
	done   chan struct{} // closed when the rest is set
	prover issuance.Prover
	err    error
}

// credentialsMaxAge is how long credentials are used before their Secret is read again.
const credentialsMaxAge = 5 * time.Minute

// prover returns the prover of a solver, which ends with life. The orders of an issuer share
// it, and its Secrets are read once. Creating it may include a login at a DNS provider; callers for
// other solvers do not wait for that.
func (p *dnsProvers) prover(life context.Context, issuer issuance.Issuer, solver *cmacme.ACMEChallengeSolver) (issuance.Prover, error) {
	key := issuer.Key()
	p.lock.Lock()
	one := p.find(key, solver)
	if one == nil {
		one = &dnsProver{solver: solver.DeepCopy(), made: time.Now(), done: make(chan struct{})}
		p.byIssuer[key] = append(p.byIssuer[key], one)
		go p.fill(life, one, issuer)
	}
	p.lock.Unlock()
	<-one.done // at the latest when life ends
	if one.err != nil {
		f := issuance.AsFailure(issuance.ReasonSolver, one.err)
		return nil, &issuance.Failure{Reason: f.Reason, Detail: fmt.Sprintf("%s: %s: %s", key, dnsProviderName(solver.DNS01), f.Detail), Err: one.err}
	}
	return one.prover, nil
}

// find returns the prover of a solver, nil if there is none or its credentials must be read
// again. Solvers that differ only in their selectors share one.
func (p *dnsProvers) find(key plan.IssuerKey, solver *cmacme.ACMEChallengeSolver) *dnsProver {
	p.byIssuer[key] = slices.DeleteFunc(p.byIssuer[key], func(one *dnsProver) bool { return time.Since(one.made) >= credentialsMaxAge })
	i := slices.IndexFunc(p.byIssuer[key], func(one *dnsProver) bool {
		return reflect.DeepEqual(one.solver.DNS01, solver.DNS01) && reflect.DeepEqual(one.solver.WaitInsteadOfSelfCheck, solver.WaitInsteadOfSelfCheck)
	})
	if i < 0 {
		return nil
	}
	return p.byIssuer[key][i]
}

// fill creates the prover. A failed one is not kept.
func (p *dnsProvers) fill(life context.Context, one *dnsProver, issuer issuance.Issuer) {
	defer close(one.done)
	one.prover, one.err = p.newProver(life, issuer, one.solver)
	p.lock.Lock()
	defer p.lock.Unlock()
	if one.err != nil {
		p.byIssuer[issuer.Key()] = slices.DeleteFunc(p.byIssuer[issuer.Key()], func(other *dnsProver) bool { return other == one })
	}
}

func (p *dnsProvers) newProver(life context.Context, issuer issuance.Issuer, solver *cmacme.ACMEChallengeSolver) (issuance.Prover, error) {
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
func (p *dnsProvers) permanent(life context.Context, ca issuance.CA, name challengedName) (issuance.Solver, bool) {
	account, ours := ca.(*acme.Account)
	if !ours || !slices.Contains(name.offered, issuance.DNSPersist01) {
		return issuance.Solver{}, false
	}
	prover, err := p.permanentProver()
	if err != nil {
		return issuance.Solver{}, false
	}
	ctx, stop := context.WithTimeout(life, recordTimeout)
	defer stop()
	err = prover.Prove(ctx, []issuance.Challenge{{
		Type: issuance.DNSPersist01, Name: name.name, Wildcard: name.wildcard, Account: account.URL(), IssuerDomains: account.Meta().CAAIdentities,
	}})
	return issuance.Solver{Type: issuance.DNSPersist01, Prover: prover}, err == nil
}

// permanentProver returns the prover for permanent records.
func (p *dnsProvers) permanentProver() (issuance.Prover, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.persistent != nil {
		return p.persistent, nil
	}
	prover, err := dns01.NewPersist(p.options)
	p.persistent = prover
	return prover, err
}
