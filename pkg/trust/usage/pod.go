package usage

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// Pod is a running or pending pod that reads certificates.
type Pod struct {
	Ref    Ref
	Owner  Ref // its workload, or itself
	Labels map[string]string
	// Created is by the clock of the API server, as are the times of changes.
	// Started is by the clock of the node; zero if the pod has not started.
	Created, Started time.Time
	Reads            []Ref
}

// OfSigner returns the name of a Ref to all ClusterTrustBundles of a signer. It
// is the prefix that Kubernetes requires of their names.
func OfSigner(signer string) string { return strings.ReplaceAll(signer, "/", ":") + ":" }

func (r Ref) isSigner() bool {
	return r.Kind == "ClusterTrustBundle" && strings.HasSuffix(r.Name, ":")
}

// Reads reports whether a pod that reads r also reads other.
func (r Ref) Reads(other Ref) bool {
	return r == other || r.isSigner() && other.Kind == r.Kind && strings.HasPrefix(other.Name, r.Name)
}

// skew is the assumed limit on the clock skew of nodes.
const skew = time.Minute

// HasRead reports whether a pod has read a change because it started later. Its
// creation time is by the same clock as the change, in whole seconds. Its start
// time is by the clock of the node. A pod that has not started will read the
// change.
func (p Pod) HasRead(changed time.Time) bool {
	if p.Started.IsZero() {
		return true
	}
	return !changed.IsZero() && (p.Created.After(changed) || p.Started.After(changed.Add(skew)))
}

// ReadsObject reports whether a pod reads an object by its name or by the name
// of its signer.
func (p Pod) ReadsObject(object Ref) bool {
	return object != Ref{} && slices.ContainsFunc(p.Reads, func(r Ref) bool { return r.Reads(object) })
}

// Among returns the objects that a pod reads. Only a signer's name matches
// several objects, so few pods are compared with all objects.
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

// AddWorkloads adds the workloads of pods to the users of the objects that the
// pods read.
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

// rank sorts users: issuers, routes and others, workloads, Certificates.
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
