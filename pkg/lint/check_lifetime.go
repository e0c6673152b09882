package lint

import (
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// ahead is how long before they hold a CA's shorter lifetimes are reported.
const ahead = 90 * day

// lifetime checks what is asked of the lifetime of an ACME certificate.
func (l *linter) lifetime(r *request) {
	c, acme := &r.Certificate, r.issuer.Spec.ACME
	if c.Duration != nil {
		field, real := r.specField("duration", "duration"), lifetimeOf(r.issuer, l.now)
		switch asks := acme.EnableDurationFeature; {
		case asks && isLetsEncrypt(acme.Server):
			l.report("C122", r.by, field, "%s passes it on (enableDurationFeature), and Let's Encrypt refuses the Order", r.issuer.id)
		case !asks && real > 0 && real != c.Duration.Duration:
			l.report("C110", r.by, field, "asks for %s, and Let's Encrypt issues for %s", span(c.Duration.Duration), span(real))
		case !asks && real == 0:
			l.report("C110", r.by, field, "asks for %s, and %s does not pass it on (enableDurationFeature)", span(c.Duration.Duration), r.issuer.id)
		}
	}
	real := lifetimeOf(r.issuer, l.now.Add(ahead))
	if c.RenewBefore == nil || real == 0 || c.RenewBefore.Duration >= asksFor(c) { // bounds reports it
		return
	}
	before, field := c.RenewBefore.Duration, r.specField("renewBefore", "renew-before")
	switch left := real - before; {
	case left <= 0:
		l.report("C111", r.by, field, "is %s, of %s; it is passed over, and the certificate renewed when a third is left", span(before), l.lives(r.issuer, real))
	case left <= real/3:
		l.report("C111", r.by, field, "is %s, of %s; the certificate is renewed every %s", span(before), l.lives(r.issuer, real), span(left))
	}
}

// lifetimeOf is how long certificates live that an issuer issues at a time, zero
// where that is not known.
func lifetimeOf(i *issuer, at time.Time) time.Duration {
	if !isLetsEncrypt(i.Spec.ACME.Server) {
		return 0
	}
	_, p, _ := profileOf(i)
	return p.at(at)
}

// lives writes the lifetime of certificates, and from when on it holds if it
// does not yet.
func (l *linter) lives(i *issuer, is time.Duration) string {
	_, p, _ := profileOf(i)
	for _, known := range p.lifetimes {
		if known.is == is && known.from.After(l.now) {
			return "the CA's " + span(is) + " (from " + known.from.Format(time.DateOnly) + " on)"
		}
	}
	return "the CA's " + span(is)
}

// span writes a duration in days where it has whole ones.
func span(d time.Duration) string {
	if d%day == 0 {
		return phrase.Count(int(d/day), "day")
	}
	return phrase.Count(int(d/time.Hour), "hour")
}

// asksFor is the lifetime that a certificate asks for.
func asksFor(c *cm.CertificateSpec) time.Duration {
	if c.Duration != nil {
		return c.Duration.Duration
	}
	return cm.DefaultCertificateDuration
}
