package rotation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// readers returns the selected pods that read a location.
func (f Facts) readers() []usage.Pod {
	var pods []usage.Pod
	for _, p := range f.Pods {
		reads := slices.ContainsFunc(f.Locations, func(h usage.LocationState) bool {
			return p.ReadsObject(h.Object) || slices.ContainsFunc(h.Before, p.ReadsObject)
		})
		if reads && f.Workloads.Selects(p) {
			pods = append(pods, p)
		}
	}
	return pods
}

// unread returns the workloads with pods that started before the last change of
// a location.
func (f Facts) unread(held []usage.LocationState, so string) []Blocker {
	changes := map[usage.Ref]time.Time{}
	for _, h := range held {
		last, known := changes[h.Object]
		switch {
		case !known, h.Changed.IsZero(), !last.IsZero() && h.Changed.After(last):
			changes[h.Object] = h.Changed
		}
	}
	return append(f.stale(changes, so), f.behind(held, so)...)
}

// behind returns the workloads with pods that read an object that has been
// replaced.
func (f Facts) behind(held []usage.LocationState, so string) []Blocker {
	type step struct{ owner, from, to usage.Ref }
	successor, count := map[usage.Ref]usage.Ref{}, map[step]int{}
	for _, h := range held {
		for _, before := range h.Before {
			successor[before] = h.Object
		}
	}
	for _, p := range f.Pods {
		for _, from := range p.Reads {
			if to, replaced := successor[from]; replaced && f.Workloads.Selects(p) {
				count[step{p.Owner, from, to}]++
			}
		}
	}
	var list []Blocker
	for at, n := range count {
		list = append(list, Blocker{
			What: at.owner.String(), Why: fmt.Sprintf("%s read %s, not %s, and %s", pods(n), at.from, at.to, so),
			Do: "change its reference to the new name, for example by applying the kustomization again",
		})
	}
	slices.SortFunc(list, byWhat)
	return list
}

// unserved returns the workloads with pods that started before their certificate
// of the new CA was written. They may still serve the previous one.
func (f Facts) unserved() []Blocker {
	changes := map[usage.Ref]time.Time{}
	for _, u := range f.OfNew {
		if u.Role == usage.Server {
			changes[u.Ref] = u.Changed
		}
	}
	return f.stale(changes, "may still serve the previous certificate")
}

// stale groups pods that have not read a change by their workload.
func (f Facts) stale(changes map[usage.Ref]time.Time, so string) []Blocker {
	type pair struct{ owner, object usage.Ref }
	count := map[pair]int{}
	for _, p := range f.Pods {
		if !f.Workloads.Selects(p) {
			continue
		}
		for object, changed := range p.Among(changes) {
			if !p.HasRead(changed) {
				count[pair{p.Owner, object}]++
			}
		}
	}
	var list []Blocker
	for at, n := range count {
		why := fmt.Sprintf("%s started before %s changed (%s) and %s", pods(n), at.object, moment(changes[at.object]), so)
		if changes[at.object].IsZero() {
			why = fmt.Sprintf("the last change of %s is unknown (no managedFields), so %s %s", at.object, pods(n), so)
		}
		list = append(list, Blocker{What: at.owner.String(), Why: why, Do: restart(at.owner)})
	}
	slices.SortFunc(list, byWhat)
	return list
}

func pods(n int) string {
	if n == 1 {
		return "1 pod"
	}
	return fmt.Sprintf("%d pods", n)
}

// restart returns how to restart a workload.
func restart(owner usage.Ref) string {
	switch owner.Kind {
	case "Deployment", "StatefulSet", "DaemonSet":
		return fmt.Sprintf("kubectl rollout restart -n %s %s/%s", owner.Namespace, strings.ToLower(owner.Kind), owner.Name)
	case "Pod":
		return "delete it and create it again, or select it with workloads.reload if it reloads changed files"
	}
	return "restart it"
}
