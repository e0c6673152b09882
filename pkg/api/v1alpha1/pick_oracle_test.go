package v1alpha1

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	"github.com/cert-manager/cert-manager/pkg/util/solverpicker"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestPickAsCertManager asks cert-manager's own code.
func TestPickAsCertManager(t *testing.T) {
	picked := map[int]int{}
	for seed := range uint64(20_000) {
		picked[pickBoth(t, seed)]++
	}
	for i := -1; i < 5; i++ {
		if picked[i] < 100 {
			t.Errorf("solver %d is picked in %d cases only: %v", i, picked[i], picked)
		}
	}
}

func FuzzPickAsCertManager(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { pickBoth(t, seed) })
}

// pickBoth makes up an issuer of few words, so that selectors do match.
func pickBoth(t *testing.T, seed uint64) int {
	r := rand.New(rand.NewPCG(seed, 0))
	var ours ACME
	var theirs []cmacme.ACMEChallengeSolver
	for i := range r.IntN(6) {
		their := cmacme.ACMEChallengeSolver{
			Selector: someSelector(r),
			// What is picked is a copy; this identifies the original.
			WaitInsteadOfSelfCheck: &metav1.Duration{Duration: time.Duration(i)},
		}
		our := Solver{Selector: their.Selector}
		if r.IntN(2) == 0 {
			our.HTTP01, their.HTTP01 = &HTTP01{}, &cmacme.ACMEChallengeSolverHTTP01{}
		} else {
			our.DNS01, their.DNS01 = &cmacme.ACMEChallengeSolverDNS01{}, &cmacme.ACMEChallengeSolverDNS01{}
		}
		ours.Solvers, theirs = append(ours.Solvers, our), append(theirs, their)
	}
	host, order := some(r, pickNames), &cmacme.Order{ObjectMeta: metav1.ObjectMeta{Labels: someLabels(r)}}
	challenges := []cmacme.ACMEChallenge{{Type: "http-01"}, {Type: "dns-01"}}
	if IsWildcard(host) { // CAs offer nothing else for it
		challenges = challenges[1:]
	}
	want := -1
	if picked, _ := solverpicker.Pick(t.Context(), host, challenges, theirs, order); picked != nil {
		want = int(picked.WaitInsteadOfSelfCheck.Duration)
	}
	if got := ours.Pick(host, order.Labels); got != want {
		list, _ := json.Marshal(theirs)
		t.Errorf("seed %d: Pick(%q, %v) = %d, cert-manager picks %d of %s", seed, host, order.Labels, got, want, list)
	}
	return want
}

var (
	pickNames = []string{
		"example.com", "www.example.com", "a.www.example.com", "*.example.com", "*.www.example.com",
		"example.org", "www.example.org", "myexample.com", "com", "*.com", "a-b.example.com",
	}
	pickLabels = []string{"a", "b", "c"}
	pickValues = []string{"", "x", "y"}
)

func some(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }

func someSelector(r *rand.Rand) *cmacme.CertificateDNSNameSelector {
	if r.IntN(5) == 0 {
		return nil
	}
	s := &cmacme.CertificateDNSNameSelector{}
	if r.IntN(2) == 0 {
		s.MatchLabels = someLabels(r)
	}
	for range r.IntN(3) {
		s.DNSNames = append(s.DNSNames, some(r, pickNames))
	}
	for range r.IntN(3) {
		s.DNSZones = append(s.DNSZones, some(r, pickNames))
	}
	return s
}

func someLabels(r *rand.Rand) map[string]string {
	labels := map[string]string{}
	for range r.IntN(4) {
		labels[some(r, pickLabels)] = some(r, pickValues)
	}
	return labels
}
