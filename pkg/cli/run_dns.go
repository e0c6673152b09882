package cli

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/acme"
	"github.com/kubectl-certs/kubectl-certs/pkg/dns01"
	"github.com/kubectl-certs/kubectl-certs/pkg/dns01/process"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
)

// dnsProver is what writes TXT records for a solver of an issuer.
type dnsProver struct {
	solver *cmacme.ACMEChallengeSolver
	made   time.Time
	done   chan struct{} // closed when the rest is set
	prover run.Prover
	err    error
}

// trustCredentials is how long credentials are used before their Secret is
// read again.
const trustCredentials = 5 * time.Minute

// dnsProver makes what writes TXT records once for a solver of an issuer: its
// orders share the provider, and the Secrets are read once. Making it may take
// as long as a DNS host needs for a log-in; only those who need it wait.
func (s *solvers) dnsProver(d *run.Demand, solver *cmacme.ACMEChallengeSolver) (run.Prover, error) {
	key := d.Issuer.Key()
	s.lock.Lock()
	one := s.known(key, solver)
	if one == nil {
		one = &dnsProver{solver: solver.DeepCopy(), made: time.Now(), done: make(chan struct{})}
		s.dns[key] = append(s.dns[key], one)
		go s.fill(one, d.Issuer)
	}
	s.lock.Unlock()
	<-one.done // at the latest when the run ends
	if one.err != nil {
		f := run.Fail(run.ReasonSolver, one.err)
		return nil, &run.Failure{Reason: f.Reason, Detail: fmt.Sprintf("%s: %s: %s", key, dnsName(solver.DNS01), f.Detail), Err: one.err}
	}
	return one.prover, nil
}

// known is the prover of a solver, nil if there is none or its credentials are
// to be read again. Solvers that differ only in what they are selected for share
// one.
func (s *solvers) known(key run.IssuerKey, solver *cmacme.ACMEChallengeSolver) *dnsProver {
	s.dns[key] = slices.DeleteFunc(s.dns[key], func(one *dnsProver) bool { return time.Since(one.made) >= trustCredentials })
	i := slices.IndexFunc(s.dns[key], func(one *dnsProver) bool {
		return reflect.DeepEqual(one.solver.DNS01, solver.DNS01) && reflect.DeepEqual(one.solver.WaitInsteadOfSelfCheck, solver.WaitInsteadOfSelfCheck)
	})
	if i < 0 {
		return nil
	}
	return s.dns[key][i]
}

// fill makes the prover. One that fails is not kept.
func (s *solvers) fill(one *dnsProver, issuer run.Issuer) {
	defer close(one.done)
	one.prover, one.err = s.newDNS(issuer, one.solver)
	s.lock.Lock()
	defer s.lock.Unlock()
	if one.err != nil {
		s.dns[issuer.Key()] = slices.DeleteFunc(s.dns[issuer.Key()], func(other *dnsProver) bool { return other == one })
	}
}

func (s *solvers) newDNS(issuer run.Issuer, solver *cmacme.ACMEChallengeSolver) (run.Prover, error) {
	namespace := s.accounts.secretsOf(issuer)
	o := s.dnsOptions()
	o.Namespace = namespace
	o.Ambient = issuer.Namespace == "" // as cert-manager: for ClusterIssuers only
	o.Token = func(ctx context.Context, account string, audiences []string) (string, error) {
		return s.secrets.Token(ctx, namespace, account, audiences)
	}
	o.Webhook = s.secrets.Webhook
	if wait := solver.WaitInsteadOfSelfCheck; wait != nil {
		o.WaitInstead = &wait.Duration
	}
	o.ByName = process.Launcher{}.Provider
	return dns01.New(s.accounts.life, solver.DNS01, func(ctx context.Context, name string) (map[string][]byte, error) {
		return s.secrets.Data(ctx, namespace, name)
	}, o)
}

func (s *solvers) dnsOptions() dns01.Options {
	return dns01.Options{Resolvers: s.in.resolvers, ResolversOnly: s.in.resolversOnly}
}

// recordPatience is how long the look for a permanent record may take.
const recordPatience = 10 * time.Second

// persistent is the proof by a permanent TXT record, where the CA offers that
// and the record is there.
func (s *solvers) persistent(ca run.CA, name string, wildcard bool, offered []string) (run.Solver, bool) {
	account, ours := ca.(*acme.Account)
	if !ours || !slices.Contains(offered, run.DNSPersist01) {
		return run.Solver{}, false
	}
	prover, err := s.persist()
	if err != nil {
		return run.Solver{}, false
	}
	ctx, stop := context.WithTimeout(s.accounts.life, recordPatience)
	defer stop()
	err = prover.Prove(ctx, []run.Challenge{{
		Type: run.DNSPersist01, Name: name, Wildcard: wildcard, Account: account.URL(), IssuerDomains: account.Meta().CAAIdentities,
	}})
	return run.Solver{Type: run.DNSPersist01, Prover: prover}, err == nil
}

// persist makes the one prover by permanent records.
func (s *solvers) persist() (run.Prover, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.record != nil {
		return s.record, nil
	}
	prover, err := dns01.NewPersist(s.dnsOptions())
	s.record = prover
	return prover, err
}
