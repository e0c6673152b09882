package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/run"
	"github.com/kubectl-certs/kubectl-certs/pkg/spec"
)

// secretKey names a Secret.
type secretKey struct{ namespace, name string }

// together judges what only all objects show.
func (j *judge) together() {
	j.missingIssuers()
	for _, w := range j.wrong {
		j.say("C120", w.id, "", "%s", w.reason)
	}
	j.secretsTwice()
	j.credentials()
	j.limits()
}

// secretsTwice tells of Secrets that several want to fill.
func (j *judge) secretsTwice() {
	bySecret := map[secretKey][]*asked{}
	for i := range j.asked {
		a := &j.asked[i]
		key := secretKey{a.Namespace, a.Certificate.SecretName}
		bySecret[key] = append(bySecret[key], a)
	}
	for key, all := range bySecret {
		needs := make([]plan.Need, len(all))
		for i, a := range all {
			needs[i] = a.Need
		}
		if other := run.Quarrel(needs); other > 0 && all[other].by != all[0].by { // of one object C304 tells
			j.say("C104", all[other].by, "", "asks for Secret %s with another certificate than %s", key.name, all[0].by)
		}
		for _, s := range j.secrets[key.name] {
			if s.id.Namespace == key.namespace {
				j.say("C404", s.id, "", "is filled by %s too", all[0].by)
			}
		}
	}
}

// limits judges what Let's Encrypt's rate limits make of all certificates
// together, were they all new.
func (j *judge) limits() {
	limits := run.LimitsOf(spec.LetsEncrypt)
	sets, domains := map[string]map[secretKey]*asked{}, map[string]map[secretKey]*asked{}
	note := func(counts map[string]map[secretKey]*asked, what string, a *asked) {
		if counts[what] == nil {
			counts[what] = map[secretKey]*asked{}
		}
		counts[what][secretKey{a.Namespace, a.Certificate.SecretName}] = a
	}
	for i := range j.asked {
		a := &j.asked[i]
		if a.issuer == nil || a.issuer.Spec.ACME == nil || a.issuer.Spec.ACME.Server != spec.LetsEncrypt || len(a.names) == 0 {
			continue
		}
		note(sets, strings.Join(a.names, ","), a)
		for _, domain := range run.Domains(a.names) {
			note(domains, domain, a)
		}
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		if n, most := len(sets[set]), limits.Set.Most; n > most {
			j.say("C118", issuerIn(sets[set]), "", "%s: %d Secrets have the same names, and Let's Encrypt issues %d in 7 days", short(set), n, most)
		}
	}
	for _, domain := range slices.Sorted(maps.Keys(domains)) {
		if n, most := len(domains[domain]), limits.Domain.Most; n > most {
			j.say("C119", issuerIn(domains[domain]), "", "%s: %d certificates, of which Let's Encrypt issues %d in 7 days; the last is there after %s",
				domain, n, most, plural((n-1)/most, "week"))
		}
	}
}

// issuerIn is the issuer of some certificates, the first by name.
func issuerIn(certificates map[secretKey]*asked) manifest.ID {
	var first manifest.ID
	for _, a := range certificates {
		if first == (manifest.ID{}) || a.issuer.id.Compare(first) < 0 {
			first = a.issuer.id
		}
	}
	return first
}

// short writes the names of a certificate in a few words.
func short(names string) string {
	first, rest, more := strings.Cut(names, ",")
	if !more {
		return first
	}
	return fmt.Sprintf("%s and %d more", first, strings.Count(rest, ",")+1)
}
