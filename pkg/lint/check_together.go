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

// duplicateSecrets reports Secrets with several writers.
func (l *linter) duplicateSecrets() {
	bySecret := map[secretKey][]*request{}
	for i := range l.requests {
		r := &l.requests[i]
		key := secretKey{r.Namespace, r.Certificate.SecretName}
		bySecret[key] = append(bySecret[key], r)
	}
	for key, all := range bySecret {
		if key.name == "" || isVariable(key.name) {
			continue
		}
		l.rivals(key, all)
		for _, s := range l.secrets[key.name] {
			if s.clear && s.id.Namespace == key.namespace {
				l.at = s.at
				l.report("C404", s.id, "", "is also issued for %s", all[0].by)
			}
		}
	}
}

// rivals checks all requests for one Secret. For annotated objects cert-manager
// creates a Certificate with the name of the Secret, unless there is one.
func (l *linter) rivals(key secretKey, all []*request) {
	first := map[string]*request{} // by the name of the Certificate
	for _, r := range all {
		name := key.name
		if r.by.Kind == "Certificate" {
			name = r.by.Name
		}
		before, taken := first[name]
		if !taken {
			first[name] = r
			continue
		}
		explicit := r.by.Kind == "Certificate" || before.by.Kind == "Certificate" // cert-manager does not change it
		if !explicit && r.by != before.by && plan.FirstConflict([]plan.Need{before.Need, r.Need}) > 0 {
			l.at = r.at
			l.report("C104", r.by, "", "requests Secret %s, and so does %s with other names or settings; only the first of them gets its certificate", key.name, before.by)
		}
	}
	names := slices.Sorted(maps.Keys(first))
	for _, name := range names[min(1, len(names)):] {
		r := first[name]
		l.at = r.at
		l.report("C104", r.by, "", "uses Secret %s, and so does %s", key.name, first[names[0]].by)
	}
}

// limits compares all certificates with Let's Encrypt's rate limits, as if they
// were all new.
func (l *linter) limits() {
	limits := ratelimit.Published(v1alpha1.LetsEncrypt)
	sets, domains := map[string]map[secretKey]*request{}, map[string]map[secretKey]*request{}
	note := func(counts map[string]map[secretKey]*request, what string, r *request) {
		if counts[what] == nil {
			counts[what] = map[secretKey]*request{}
		}
		counts[what][secretKey{r.Namespace, r.Certificate.SecretName}] = r
	}
	for i := range l.requests {
		r := &l.requests[i]
		if r.issuer == nil || r.issuer.Spec.ACME == nil || r.issuer.Spec.ACME.Server != v1alpha1.LetsEncrypt || len(r.names) == 0 {
			continue
		}
		note(sets, strings.Join(r.names, ","), r)
		for _, domain := range ratelimit.Domains(r.names) {
			note(domains, domain, r)
		}
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		if n, most := len(sets[set]), limits.Set.Most; n > most {
			r := anyOf(sets[set])
			l.at = r.at
			l.report("C118", r.issuer.id, "", "%s: %d Secrets have the same names, but Let's Encrypt issues %d in 7 days", short(set), n, most)
		}
	}
	for _, domain := range slices.Sorted(maps.Keys(domains)) {
		if n, most := len(domains[domain]), limits.Domain.Most; n > most {
			r := anyOf(domains[domain])
			l.at = r.at
			l.report("C119", r.issuer.id, "", "%s: %d certificates, but Let's Encrypt issues %d in 7 days; issuing all takes at least %s",
				domain, n, most, phrase.Count((n-1)/most, "week"))
		}
	}
}

// anyOf returns the first request in the order of objects.
func anyOf(certificates map[secretKey]*request) *request {
	var first *request
	for _, r := range certificates {
		if first == nil || r.at < first.at {
			first = r
		}
	}
	return first
}

// short shortens a list of names.
func short(names string) string {
	first, rest, more := strings.Cut(names, ",")
	if !more {
		return first
	}
	return fmt.Sprintf("%s and %d more", first, strings.Count(rest, ",")+1)
}
