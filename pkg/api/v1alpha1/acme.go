package v1alpha1

import (
	"time"
)

// ChallengePath is the path of HTTP-01 challenges (RFC 8555 §8.3), before the
// token.
const ChallengePath = "/.well-known/acme-challenge/"

// IsIngress reports whether the solver explicitly uses an Ingress.
func (h *HTTP01) IsIngress() bool {
	return h.IngressClassName != "" || h.Class != "" || h.Ingress != nil
}

// AnyClass is the Ingress class of the solver, from any of its fields; "" if
// none is set.
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

// Until parses persistUntil, in UTC. A date means midnight, and "" the zero
// time. It reports false if the value is invalid.
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
