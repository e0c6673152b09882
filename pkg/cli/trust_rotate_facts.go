package cli

import (
	"context"
	"crypto/x509"
	"sync"

	"github.com/kubectl-certs/kubectl-certs/pkg/endpoint"
	"github.com/kubectl-certs/kubectl-certs/pkg/panics"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// facts asks Git, the cluster and servers all that a rotation depends on.
func (in *rotateInput) facts(ctx context.Context, env Env) (rotation.Facts, error) {
	defer env.progress("reading the cluster")()
	f := rotation.Facts{
		Now: in.now, Old: in.old, New: in.new, Bundle: in.bundle,
		Workloads: in.rotation.Workloads, Issuers: in.rotation.Issuers, Ignore: in.rotation.Ignore,
	}
	keeps := rotation.Keeps(in.bundle, in.old, in.new)
	ofOld := usage.Ask(in.old, keeps, in.now)
	ofNew := usage.Ask(in.new, rotation.Keeps(in.bundle, in.new, in.old), in.now)
	ofOld.Public = publicRoots()
	var pool usage.Pool
	pool.Add(in.others...)
	olds, news := usage.NewSurvey(ofOld), usage.NewSurvey(ofNew)
	for h, err := range in.reader.Holders(ctx, &pool) {
		if err != nil {
			return f, err
		}
		olds.Add(h)
		news.Add(h)
	}
	var err error
	if f.OfOld, f.Doubts, err = answer(ctx, env, in.reader, ofOld, olds, &pool); err != nil {
		return f, err
	}
	f.OfNew, _ = news.Answer(&pool)
	if err := addUsers(ctx, in.reader, in.clusterNamespace, f.OfOld, f.OfNew); err != nil {
		return f, err
	}
	if f.Locations, err = in.reader.Places(ctx, in.rotation.Locations, &usage.Values{Passwords: in.passwords}); err != nil {
		return f, err
	}
	if f.Pods, err = in.podReader.Pods(ctx, f.Watched()); err != nil {
		return f, err
	}
	f.Servers = served(ctx, in.rotation.Servers, ofOld, &pool)
	f.Unseen = in.reader.Notes
	return f, ctx.Err()
}

// served asks servers, all at once.
func served(ctx context.Context, addresses []string, q *usage.Question, pool *usage.Pool) []rotation.Served {
	chains, errs := make([][][]*x509.Certificate, len(addresses)), make([]error, len(addresses))
	var asked sync.WaitGroup
	for i, address := range addresses {
		asked.Go(func() {
			errs[i] = panics.Guard(func() (err error) {
				chains[i], err = endpoint.Chains(ctx, address)
				return err
			})()
		})
	}
	asked.Wait()
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
