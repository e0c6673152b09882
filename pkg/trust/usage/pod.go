package usage

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// Pod is one that runs or is about to, and mounts or reads what it is asked
// about.
type Pod struct {
	Ref    Ref
	Owner  Ref // its workload, or itself
	Labels map[string]string
	// Created is by the clock of the API server, as are changes of what it
	// mounts; Started by that of its node, zero if it did not start yet.
	Created, Started time.Time
	Reads            []Ref
}

// OfSigner is the name by which a pod reads the ClusterTrustBundles of a
// signer, whatever their names: it is the beginning of those.
func OfSigner(signer string) string { return strings.ReplaceAll(signer, "/", ":") + ":" }

func (r Ref) isSigner() bool {
	return r.Kind == "ClusterTrustBundle" && strings.HasSuffix(r.Name, ":")
}

// Reads reports whether a pod that reads the one reads the other.
func (r Ref) Reads(other Ref) bool {
	return r == other || r.isSigner() && other.Kind == r.Kind && strings.HasPrefix(other.Name, r.Name)
}

// skew is how far the clocks of nodes are believed to be off.
const skew = time.Minute

// HasRead reports whether a pod started after a change, and so has read it.
// Its creation has a time of the same clock as the change, in whole seconds;
// its start one of its node's. One that has not started yet will read it.
func (p Pod) HasRead(changed time.Time) bool {
	if p.Started.IsZero() {
		return true
	}
	return !changed.IsZero() && (p.Created.After(changed) || p.Started.After(changed.Add(skew)))
}

// ReadsObject reports whether a pod reads an object, by its name or by that of a
// signer.
func (p Pod) ReadsObject(object Ref) bool {
	return object != Ref{} && slices.ContainsFunc(p.Reads, func(r Ref) bool { return r.Reads(object) })
}

// Among are those objects that a pod reads. Only names of signers stand for
// more than themselves, so that few pods are held against all objects.
func (p Pod) Among(objects map[Ref]time.Time) iter.Seq2[Ref, time.Time] {
	return func(yield func(Ref, time.Time) bool) {
		for _, r := range p.Reads {
			changed, there := objects[r]
			if there && !yield(r, changed) {
				return
			}
			if !r.isSigner() {
				continue
			}
			for object, changed := range objects {
				if r.Reads(object) && !yield(object, changed) {
					return
				}
			}
		}
	}
}

// AddWorkloads adds pods to the users of what they read, a workload at a time.
func AddWorkloads(users map[Ref][]User, pods []Pod) {
	for _, pod := range pods {
		for _, ref := range pod.Reads {
			i := slices.IndexFunc(users[ref], func(u User) bool { return u.Ref == pod.Owner })
			if i < 0 {
				i = len(users[ref])
				users[ref] = append(users[ref], User{Ref: pod.Owner})
			}
			users[ref][i].Pods++
		}
	}
	for ref := range users {
		slices.SortStableFunc(users[ref], func(a, b User) int { return cmp.Compare(rank(a), rank(b)) })
	}
}

// rank puts first what people think of first.
func rank(u User) int {
	switch {
	case u.IsIssuer():
		return 0
	case u.IsMaker():
		return 3
	case u.Pods > 0:
		return 2
	}
	return 1
}
