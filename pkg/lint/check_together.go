package lint

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
	"github.com/kubectl-certs/kubectl-certs/pkg/ratelimit"
)

// secretsTwice tells of Secrets that several want to fill.
func (j *judge) secretsTwice() {
	bySecret := map[secretKey][]*asked{}
	for i := range j.asked {
		a := &j.asked[i]
		key := secretKey{a.Namespace, a.Certificate.SecretName}
		bySecret[key] = append(bySecret[key], a)
	}
	for key, all := range bySecret {
		if key.name == "" || isVariable(key.name) {
			continue
		}
		j.rivals(key, all)
		for _, s := range j.secrets[key.name] {
			if s.clear && s.id.Namespace == key.namespace {
				j.at = s.at
				j.say("C404", s.id, "", "is filled by %s too", all[0].by)
			}
		}
	}
}

// rivals judges all that ask for one Secret. Controllers make a Certificate of
// the Secret's name for whoever asks by annotation, unless there is one.
func (j *judge) rivals(key secretKey, all []*asked) {
	first := map[string]*asked{} // by the name of the Certificate
	for _, a := range all {
		name := key.name
		if a.by.Kind == "Certificate" {
			name = a.by.Name
		}
		before, taken := first[name]
		if !taken {
			first[name] = a
			continue
		}
		explicit := a.by.Kind == "Certificate" || before.by.Kind == "Certificate" // which stays as it is
		if !explicit && a.by != before.by && plan.FirstConflict([]plan.Need{before.Need, a.Need}) > 0 {
			j.at = a.at
			j.say("C104", a.by, "", "asks for Secret %s, as %s does for other names or in another way; one certificate is made, for whoever came first", key.name, before.by)
		}
	}
	names := slices.Sorted(maps.Keys(first))
	for _, name := range names[min(1, len(names)):] {
		a := first[name]
		j.at = a.at
		j.say("C104", a.by, "", "fills Secret %s, as %s does", key.name, first[names[0]].by)
	}
}

// limits judges what Let's Encrypt's rate limits make of all certificates
// together, were they all new.
func (j *judge) limits() {
	limits := ratelimit.Published(v1alpha1.LetsEncrypt)
	sets, domains := map[string]map[secretKey]*asked{}, map[string]map[secretKey]*asked{}
	note := func(counts map[string]map[secretKey]*asked, what string, a *asked) {
		if counts[what] == nil {
			counts[what] = map[secretKey]*asked{}
		}
		counts[what][secretKey{a.Namespace, a.Certificate.SecretName}] = a
	}
	for i := range j.asked {
		a := &j.asked[i]
		if a.issuer == nil || a.issuer.Spec.ACME == nil || a.issuer.Spec.ACME.Server != v1alpha1.LetsEncrypt || len(a.names) == 0 {
			continue
		}
		note(sets, strings.Join(a.names, ","), a)
		for _, domain := range ratelimit.Domains(a.names) {
			note(domains, domain, a)
		}
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		if n, most := len(sets[set]), limits.Set.Most; n > most {
			a := anyOf(sets[set])
			j.at = a.at
			j.say("C118", a.issuer.id, "", "%s: %d Secrets have the same names, and Let's Encrypt issues %d in 7 days", short(set), n, most)
		}
	}
	for _, domain := range slices.Sorted(maps.Keys(domains)) {
		if n, most := len(domains[domain]), limits.Domain.Most; n > most {
			a := anyOf(domains[domain])
			j.at = a.at
			j.say("C119", a.issuer.id, "", "%s: %d certificates, of which Let's Encrypt issues %d in 7 days; the last is there after %s",
				domain, n, most, phrase.Count((n-1)/most, "week"))
		}
	}
}

// anyOf is the first of some certificates by the order of objects.
func anyOf(certificates map[secretKey]*asked) *asked {
	var first *asked
	for _, a := range certificates {
		if first == nil || a.at < first.at {
			first = a
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
