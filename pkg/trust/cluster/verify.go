package cluster

import (
	"context"
	"crypto/x509"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// Compare compares all locations with their desired certificates. Locations with
// the same desired certificates are read together. TrustNamespace is the
// namespace of the sources of Bundles.
func (r *Reader) Compare(ctx context.Context, wanted []Target, trustNamespace string, values *usage.Values) (usage.Comparison, error) {
	var c usage.Comparison
	wanted, err := r.follow(ctx, wanted, trustNamespace, values, &c)
	if err != nil {
		return c, err
	}
	for _, group := range grouped(wanted) {
		states, err := r.ReadTargets(ctx, group, values)
		if err != nil {
			return c, err
		}
		for _, state := range states {
			c.Add(state, group[0].Certs)
		}
		c.Expect(group[0].Certs)
	}
	slices.SortStableFunc(c.Locations, func(a, b usage.Compared) int { return strings.Compare(a.Location, b.Location) })
	c.Notes = append(c.Notes, r.Notes...)
	return c, nil
}

// follow adds the certificates that Bundles take from the cluster. A missing
// source is a difference.
func (r *Reader) follow(ctx context.Context, wanted []Target, trustNamespace string, values *usage.Values, c *usage.Comparison) ([]Target, error) {
	wanted = slices.Clone(wanted)
	for i := range wanted {
		w := &wanted[i]
		sources := slices.Clone(w.From)
		for j := range sources {
			sources[j].Namespace = trustNamespace
		}
		states, err := r.Locations(ctx, sources, values)
		if err != nil {
			return nil, err
		}
		for _, state := range states {
			if state.Absent != "" || len(state.Damage) > 0 {
				c.Add(state, nil)
				continue
			}
			w.Certs = append(slices.Clip(w.Certs), state.Certs...)
		}
	}
	return wanted, nil
}

// grouped groups the targets with the same certificates and keys, in the order of
// the first of each group.
func grouped(wanted []Target) [][]Target {
	var groups [][]Target
	for _, w := range wanted {
		i := slices.IndexFunc(groups, func(group []Target) bool {
			return group[0].More == w.More && slices.Equal(group[0].Keys, w.Keys) && slices.EqualFunc(group[0].Certs, w.Certs, (*x509.Certificate).Equal)
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], w)
	}
	return groups
}
