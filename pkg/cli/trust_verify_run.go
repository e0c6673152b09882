package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/cluster"
)

func trustVerifyRun(ctx context.Context, env Env, in *trustVerifyInput) error {
	v := verifyView{Certificates: []caView{}, Places: []heldView{}}
	done := env.progress("reading the cluster")
	err := in.compare(ctx, &v)
	done()
	if err != nil {
		return err
	}
	if err := v.print(env, in.output); err != nil {
		return err
	}
	differ := 0
	for _, h := range v.Places {
		if !h.Same {
			differ++
		}
	}
	env.say("%s, %s: %d the same, %d not", count(len(v.Certificates), "certificate"), count(len(v.Places), "place"), len(v.Places)-differ, differ)
	for _, note := range v.Notes {
		env.say("note: %s", note)
	}
	if len(v.Places)+len(v.Notes) == 0 {
		return errors.New("nothing was compared: no place is in the cluster")
	}
	if differ > 0 {
		return errFound
	}
	return nil
}

// follow adds what Bundles are to take from the cluster itself. A source that
// is not there is a difference.
func (in *trustVerifyInput) follow(ctx context.Context, v *verifyView) error {
	for i := range in.wanted {
		w := &in.wanted[i]
		for j := range w.From {
			w.From[j].Namespace = in.trustNamespace
		}
		held, err := in.reader.Places(ctx, w.From, &in.values)
		if err != nil {
			return err
		}
		for _, h := range held {
			if h.Absent != "" || len(h.Damage) > 0 {
				v.add(h, nil)
				continue
			}
			w.Certs = append(slices.Clip(w.Certs), h.Certs...)
		}
	}
	return nil
}

// compare reads all places, those with the same certificates at once.
func (in *trustVerifyInput) compare(ctx context.Context, v *verifyView) error {
	if err := in.follow(ctx, v); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, group := range groups(in.wanted) {
		held, err := in.reader.Wanted(ctx, group, &in.values)
		if err != nil {
			return err
		}
		for _, h := range held {
			v.add(h, group[0].Certs)
		}
		for _, c := range group[0].Certs {
			if view := newCAView(c); !seen[view.SHA256] {
				seen[view.SHA256] = true
				v.Certificates = append(v.Certificates, view)
			}
		}
	}
	slices.SortStableFunc(v.Places, func(a, b heldView) int { return strings.Compare(a.Place, b.Place) })
	v.Notes = append(v.Notes, in.reader.Notes...)
	return nil
}

// groups are the places that are to hold the same certificates, under the same
// keys, in the order of the first of each.
func groups(wanted []cluster.Wanted) [][]cluster.Wanted {
	var list [][]cluster.Wanted
	for _, w := range wanted {
		i := slices.IndexFunc(list, func(group []cluster.Wanted) bool {
			return group[0].More == w.More && slices.Equal(group[0].Keys, w.Keys) && slices.EqualFunc(group[0].Certs, w.Certs, (*x509.Certificate).Equal)
		})
		if i < 0 {
			i = len(list)
			list = append(list, nil)
		}
		list[i] = append(list[i], w)
	}
	return list
}
