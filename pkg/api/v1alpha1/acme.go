package v1alpha1

import (
	"time"
)

// ChallengePath is where an ACME server looks for the answer to a challenge
// (RFC 8555 §8.3); the token follows.
const ChallengePath = "/.well-known/acme-challenge/"

// IsIngress reports whether the solver is written out as one through an Ingress.
func (h *HTTP01) IsIngress() bool {
	return h.IngressClassName != "" || h.Class != "" || h.Ingress != nil
}

// AnyClass is the Ingress class of the solver, whichever of its fields has it;
// "" where none does.
func (h *HTTP01) AnyClass() string {
	switch {
	case h.IngressClassName != "":
		return h.IngressClassName
	case h.Class != "":
		return h.Class
	case h.Ingress != nil && h.Ingress.IngressClassName != nil:
		return *h.Ingress.IngressClassName
	case h.Ingress != nil && h.Ingress.Class != nil:
		return *h.Ingress.Class
	}
	return ""
}

// Until reads persistUntil, in UTC: a date begins at midnight, and none is the
// zero time. It reports false for anything else.
func (p *DNSPersist) Until() (time.Time, bool) {
	if p.PersistUntil == "" {
		return time.Time{}, true
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, p.PersistUntil); err == nil {
			return t.UTC(), t.Unix() > 0
		}
	}
	return time.Time{}, false
}
