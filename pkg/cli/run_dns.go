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

// dnsProver makes what writes TXT records, once for a solver of an issuer: its
// orders share the provider, and the Secrets are read once.
func (s *solvers) dnsProver(d *run.Demand, solver *cmacme.ACMEChallengeSolver) (run.Prover, error) {
	key := d.Issuer.Key()
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, known := range s.dns[key] {
		if reflect.DeepEqual(known.solver, solver) && time.Since(known.made) < trustCredentials {
			return known.prover, nil
		}
	}
	prover, err := s.newDNS(d.Issuer, solver)
	if err != nil {
		f := run.Fail(run.ReasonSolver, err)
		return nil, &run.Failure{Reason: f.Reason, Detail: fmt.Sprintf("%s: %s: %s", key, dnsName(solver.DNS01), f.Detail), Err: err}
	}
	s.dns[key] = slices.DeleteFunc(s.dns[key], func(known dnsProver) bool { return reflect.DeepEqual(known.solver, solver) })
	s.dns[key] = append(s.dns[key], dnsProver{solver.DeepCopy(), prover, time.Now()})
	return prover, nil
}

// trustCredentials is how long credentials are used before their Secret is
// read again.
const trustCredentials = 5 * time.Minute

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
