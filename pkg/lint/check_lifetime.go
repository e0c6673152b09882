package lint

import (
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// ahead is how long in advance a CA's shorter lifetimes are reported.
const ahead = 90 * day

// lifetime checks duration and renewBefore of an ACME certificate.
func (l *linter) lifetime(r *request) {
	c, acme := &r.Certificate, r.issuer.Spec.ACME
	if c.Duration != nil {
		field, real := r.specField("duration", "duration"), lifetimeOf(r.issuer, l.now)
		switch sent := acme.EnableDurationFeature; {
		case sent && isLetsEncrypt(acme.Server):
			l.report("C122", r.by, field, "%s sends it to Let's Encrypt (enableDurationFeature), which rejects the Order", r.issuer.id)
		case !sent && real > 0 && real != c.Duration.Duration:
			l.report("C110", r.by, field, "is %s, but Let's Encrypt issues for %s", span(c.Duration.Duration), span(real))
		case !sent && real == 0:
			l.report("C110", r.by, field, "is %s, but %s does not send it to the CA (enableDurationFeature)", span(c.Duration.Duration), r.issuer.id)
		}
	}
	real := lifetimeOf(r.issuer, l.now.Add(ahead))
	if c.RenewBefore == nil || real == 0 || c.RenewBefore.Duration >= requestedDuration(c) { // bounds reports it
		return
	}
	before, field := c.RenewBefore.Duration, r.specField("renewBefore", "renew-before")
	switch left := real - before; {
	case left <= 0:
		l.report("C111", r.by, field, "is %s, but the lifetime is %s; cert-manager ignores it and renews when a third is left", span(before), l.lives(r.issuer, real))
	case left <= real/3:
		l.report("C111", r.by, field, "is %s, but the lifetime is %s; the certificate is renewed every %s", span(before), l.lives(r.issuer, real), span(left))
	}
}

// lifetimeOf returns the lifetime of certificates that an issuer issues at a
// time, or zero if it is unknown.
func lifetimeOf(i *issuer, at time.Time) time.Duration {
	if !isLetsEncrypt(i.Spec.ACME.Server) {
		return 0
	}
	_, p, _ := profileOf(i)
	return p.at(at)
}

// lives formats a lifetime, with the date from which it applies if that is in the
// future.
func (l *linter) lives(i *issuer, is time.Duration) string {
	_, p, _ := profileOf(i)
	for _, known := range p.lifetimes {
		if known.is == is && known.from.After(l.now) {
			return span(is) + " (from " + known.from.Format(time.DateOnly) + ")"
		}
	}
	return span(is)
}

// span formats a duration in days if possible, else in hours.
func span(d time.Duration) string {
	if d%day == 0 {
		return phrase.Count(int(d/day), "day")
	}
	return phrase.Count(int(d/time.Hour), "hour")
}

// requestedDuration returns the requested lifetime of a certificate.
func requestedDuration(c *cm.CertificateSpec) time.Duration {
	if c.Duration != nil {
		return c.Duration.Duration
	}
	return cm.DefaultCertificateDuration
}
