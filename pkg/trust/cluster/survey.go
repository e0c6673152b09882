package cluster

import (
	"context"
	"crypto/x509"
	"fmt"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Survey answers questions about all certificates of the cluster and finds their
// users. The reports are in the order of the questions. The pool gets the CAs that
// the survey finds, and those of webhooks if chains of the first report are
// incomplete. ClusterNamespace is the namespace of the Secrets that
// ClusterIssuers refer to; "" means any.
func (r *Reader) Survey(ctx context.Context, pool *usage.Pool, clusterNamespace string, questions ...*usage.Question) ([]usage.Report, error) {
	surveys := make([]*usage.Survey, len(questions))
	for i, q := range questions {
		surveys[i] = usage.NewSurvey(q)
	}
	for h, err := range r.holders(ctx, pool) {
		if err != nil {
			return nil, err
		}
		for _, s := range surveys {
			s.Add(h)
		}
	}
	reports := []usage.Report{surveys[0].Report(pool)}
	if reports[0].Open() {
		if err := r.addCABundles(ctx, pool); err != nil {
			return nil, err
		}
		reports[0] = surveys[0].Report(pool)
	}
	for _, s := range surveys[1:] {
		reports = append(reports, s.Report(pool))
	}
	return reports, r.addUsers(ctx, clusterNamespace, reports)
}

// addUsers adds the users of the Secrets to reports.
func (r *Reader) addUsers(ctx context.Context, clusterNamespace string, reports []usage.Report) error {
	of := usage.Secrets(reports...)
	if len(of) == 0 {
		return nil
	}
	users, err := r.Users(ctx, of, clusterNamespace)
	for _, report := range reports {
		report.SetUsers(users)
	}
	return err
}

// FindCAs returns the certificates with some fingerprints.
func (r *Reader) FindCAs(ctx context.Context, pins []cabundle.Pin) ([]*x509.Certificate, error) {
	var pool usage.Pool
	if len(pool.Missing(pins)) == 0 {
		return nil, nil
	}
	for _, err := range r.holders(ctx, &pool) {
		if err != nil {
			return nil, err
		}
		if len(pool.Missing(pins)) == 0 {
			break
		}
	}
	if left := pool.Missing(pins); len(left) > 0 {
		return nil, hint.With(fmt.Errorf("no Secret or ConfigMap has a CA with fingerprint %s", left[0]),
			"give the CA as a file")
	}
	var found []*x509.Certificate
	for _, pin := range pins {
		found = append(found, pool.Find(pin))
	}
	return found, nil
}
