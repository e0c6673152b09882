package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// newReader reads the cluster that kubectl's flags describe, all of it if no
// namespace is given.
func newReader(config *genericclioptions.ConfigFlags, namespaces ...string) (*cluster.Reader, error) {
	client, err := connect(config)
	if err != nil {
		return nil, err
	}
	rest, err := config.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	return cluster.NewReader(rest, client, namespaces...)
}

// readCertificates reads what is to be trusted from sources. A source that is
// damaged is refused: what it has lost would be taken for not wanted.
func readCertificates(ctx context.Context, env Env, sources []string, passwords []string) ([]trust.Entry, error) {
	r := &sourceReader{ctx: ctx, env: env, passwords: passwords}
	return r.certificates(sources, r.read(sources))
}

// certificates returns what was read from sources, if err is nil.
func (r *sourceReader) certificates(sources []string, err error) ([]trust.Entry, error) {
	if err != nil {
		return nil, err
	}
	if len(r.chains) > 0 {
		return nil, withHint(fmt.Errorf("%s: a server is no source here", r.chains[0].address), "kubectl certs trust bundle "+r.chains[0].address+" --pin … writes a file that is")
	}
	b := trust.Join(r.bundles...)
	damage := trust.Blocking(trust.Judge(trust.Bundle{Findings: b.Findings}, trust.Generic, time.Now()))
	if len(damage) > 0 {
		var found problems
		for _, f := range damage {
			found = append(found, errors.New(f.String()))
		}
		return nil, withHint(found, "kubectl certs trust inspect "+shellWords(sourceWords(sources)))
	}
	return trust.Normalise(b.Entries), nil
}

// publicRoots are those of this machine, nil if it has none.
func publicRoots() *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil || pool.Equal(x509.NewCertPool()) {
		return nil
	}
	return pool
}

// answer is what a survey says of its CAs. Only where chains stay open is the
// cluster asked for the CAs of webhooks too.
func answer(ctx context.Context, env Env, r *cluster.Reader, q *rotation.Question, s *rotation.Survey, pool *rotation.Pool) ([]rotation.Use, []rotation.Doubt, error) {
	uses, doubts := s.Answer(pool)
	if !slices.ContainsFunc(doubts, isOpen) {
		return uses, doubts, nil
	}
	if err := r.CABundles(ctx, pool); err != nil {
		return nil, nil, err
	}
	if uses, doubts = s.Answer(pool); q.Public == nil && slices.ContainsFunc(doubts, isOpen) {
		env.say("note: this machine has no public CAs, so that certificates of public CAs cannot be told from others")
	}
	return uses, doubts, nil
}

func isOpen(d rotation.Doubt) bool { return d.Of != nil }

func certsOf(entries []trust.Entry) []*x509.Certificate {
	certs := make([]*x509.Certificate, len(entries))
	for i, e := range entries {
		certs[i] = e.Cert
	}
	return certs
}

var fingerprint = regexp.MustCompile(`^(?i:sha256:)?((?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2})$`)

// fingerprints splits what is named by its fingerprint from sources.
func fingerprints(args []string) (pins []trust.Pin, sources []string, err error) {
	for _, arg := range args {
		match := fingerprint.FindStringSubmatch(arg)
		if match == nil {
			sources = append(sources, arg)
			continue
		}
		pin, err := trust.ParsePin("sha256:" + match[1])
		if err != nil {
			return nil, nil, err
		}
		pins = append(pins, pin)
	}
	return pins, sources, nil
}

// findPinned looks in the cluster for certificates that are known by their
// fingerprint only.
func findPinned(ctx context.Context, r *cluster.Reader, pins []trust.Pin) ([]*x509.Certificate, error) {
	var pool rotation.Pool
	missing := func() []trust.Pin {
		var left []trust.Pin
		for _, pin := range pins {
			if pool.Find(pin) == nil {
				left = append(left, pin)
			}
		}
		return left
	}
	for _, err := range r.Holders(ctx, &pool) {
		if err != nil {
			return nil, err
		}
		if len(missing()) == 0 {
			break
		}
	}
	if left := missing(); len(left) > 0 {
		return nil, withHint(fmt.Errorf("no Secret or ConfigMap has a CA with fingerprint %s", left[0]),
			"give the CA as a file; without it nobody can tell what it has signed")
	}
	var found []*x509.Certificate
	for _, pin := range pins {
		found = append(found, pool.Find(pin))
	}
	return found, nil
}
