package rotator

import (
	"context"
	"crypto/x509"
	"sync"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/tlsprobe"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Sources are the sources of facts other than files.
type Sources struct {
	Cluster          *cluster.Reader // for the whole cluster
	Pods             *cluster.Reader // for the namespaces of the workloads
	ClusterNamespace string          // of Secrets that ClusterIssuers refer to; "" for any
	Public           *x509.CertPool  // public roots; may be nil
	Passwords        []string        // for PKCS#12 and JKS in the cluster
}

// Facts reads the facts of a rotation from the cluster and from servers.
func (p *Plan) Facts(ctx context.Context, s Sources, now time.Time) (rotation.Facts, error) {
	f := rotation.Facts{
		Now: now, Old: p.Old, New: p.New, Bundle: p.Bundle,
		Workloads: p.Rotation.Workloads, Issuers: p.Rotation.Issuers, Ignore: p.Rotation.Ignore,
	}
	ofOld := usage.NewQuestion(p.Old, rotation.TrustedAfter(p.Bundle, p.Old, p.New), now)
	ofNew := usage.NewQuestion(p.New, rotation.TrustedAfter(p.Bundle, p.New, p.Old), now)
	ofOld.Public = s.Public
	var pool usage.Pool
	pool.Add(p.Others...)
	reports, err := s.Cluster.Survey(ctx, &pool, s.ClusterNamespace, ofOld, ofNew)
	if err != nil {
		return f, err
	}
	f.OfOld, f.Doubts, f.OfNew = reports[0].Uses, reports[0].Doubts, reports[1].Uses
	if f.Locations, err = s.Cluster.Locations(ctx, p.Rotation.Locations, &usage.Values{Passwords: s.Passwords}); err != nil {
		return f, err
	}
	if f.Pods, err = s.Pods.Pods(ctx, f.Watched()); err != nil {
		return f, err
	}
	f.Servers = served(ctx, p.Rotation.Servers, ofOld, &pool)
	f.Unseen = s.Cluster.Notes
	return f, ctx.Err()
}

// served connects to all servers concurrently.
func served(ctx context.Context, addresses []string, q *usage.Question, pool *usage.Pool) []rotation.Served {
	chains, errs := make([][][]*x509.Certificate, len(addresses)), make([]error, len(addresses))
	var probes sync.WaitGroup
	for i, address := range addresses {
		probes.Go(func() {
			errs[i] = panics.Guard(func() (err error) {
				chains[i], err = tlsprobe.Chains(ctx, address)
				return err
			})()
		})
	}
	probes.Wait()
	all := make([]rotation.Served, len(addresses))
	for i, address := range addresses {
		all[i].Address = address
		if errs[i] != nil {
			all[i].Failed = errs[i].Error()
			continue
		}
		for _, chain := range chains[i] {
			if needs := q.Needs(usage.Chain{Leaf: chain[0], Sent: chain[1:]}, pool); needs != nil {
				all[i].Needs = needs
			}
		}
	}
	return all
}
