package cli

import (
	"context"
	"crypto/x509"
	"fmt"
	"regexp"
	"slices"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
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
func answer(ctx context.Context, env Env, r *cluster.Reader, q *usage.Question, s *usage.Survey, pool *usage.Pool) ([]usage.Use, []usage.Doubt, error) {
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

func isOpen(d usage.Doubt) bool { return d.Of != nil }

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
	var pool usage.Pool
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
