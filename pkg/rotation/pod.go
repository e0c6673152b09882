package rotation

import (
	"cmp"
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

// reads reports whether a pod that reads the one reads the other.
func (r Ref) reads(other Ref) bool {
	return r == other || r.isSigner() && other.Kind == r.Kind && strings.HasPrefix(other.Name, r.Name)
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
	case isIssuer(u):
		return 0
	case isMaker(u):
		return 3
	case u.Pods > 0:
		return 2
	}
	return 1
}
