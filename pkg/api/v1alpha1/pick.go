package v1alpha1

import (
	"slices"
	"strings"
)

// Pick returns the index of the solver that cert-manager would use for a host
// of a certificate with these labels, -1 if none fits. It prefers a match in
// dnsNames, then the most specific of dnsZones, then the number of matchLabels,
// then the order of the list (cert-manager pkg/util/solverpicker).
func (a *ACME) Pick(host string, labels map[string]string) int {
	best, bestWeight := -1, weight{}
	for i, solver := range a.Solvers {
		if solver.HTTP01 == nil && solver.DNS01 == nil || solver.DNS01 == nil && IsWildcard(host) {
			continue
		}
		w, ok := solver.weightOf(host, labels)
		if ok && (best < 0 || w.outweighs(bestWeight)) {
			best, bestWeight = i, w
		}
	}
	return best
}

type weight struct{ name, zone, labels int }

func (w weight) outweighs(other weight) bool {
	if w.name != other.name {
		return w.name > other.name
	}
	if w.zone != other.zone {
		return w.zone > other.zone
	}
	return w.labels > other.labels
}

func (s Solver) weightOf(host string, labels map[string]string) (weight, bool) {
	var w weight
	if s.Selector == nil {
		return w, true
	}
	for key, value := range s.Selector.MatchLabels {
		if actual, ok := labels[key]; !ok || actual != value {
			return w, false
		}
		w.labels++
	}
	if len(s.Selector.DNSNames) > 0 {
		if !slices.Contains(s.Selector.DNSNames, host) {
			return w, false
		}
		w.name = 1
	}
	for _, zone := range s.Selector.DNSZones {
		if host == zone || strings.HasSuffix(host, "."+zone) {
			w.zone = max(w.zone, strings.Count(zone, ".")+1)
		}
	}
	return w, len(s.Selector.DNSZones) == 0 || w.zone > 0
}
