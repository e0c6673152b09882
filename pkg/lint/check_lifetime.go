package lint

import (
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
)

// ahead is how far ahead of a CA's shorter lifetimes one is told.
const ahead = 90 * day

// lifetime judges what is asked of the lifetime of an ACME certificate.
func (j *judge) lifetime(a *asked) {
	c, acme := &a.Certificate, a.issuer.Spec.ACME
	if c.Duration != nil {
		field, real := a.wishField("duration", "duration"), lifetimeOf(a.issuer, j.now)
		switch asks := acme.EnableDurationFeature; {
		case asks && isLetsEncrypt(acme.Server):
			j.say("C122", a.by, field, "%s passes it on (enableDurationFeature), and Let's Encrypt refuses the Order", a.issuer.id)
		case !asks && real > 0 && real != c.Duration.Duration:
			j.say("C110", a.by, field, "asks for %s, and Let's Encrypt issues for %s", span(c.Duration.Duration), span(real))
		case !asks && real == 0:
			j.say("C110", a.by, field, "asks for %s, and %s does not pass it on (enableDurationFeature)", span(c.Duration.Duration), a.issuer.id)
		}
	}
	real := lifetimeOf(a.issuer, j.now.Add(ahead))
	if c.RenewBefore == nil || real == 0 || c.RenewBefore.Duration >= asksFor(c) { // bounds tells of that
		return
	}
	before, field := c.RenewBefore.Duration, a.wishField("renewBefore", "renew-before")
	switch left := real - before; {
	case left <= 0:
		j.say("C111", a.by, field, "is %s, of %s; it is passed over, and the certificate renewed when a third is left", span(before), j.lives(a.issuer, real))
	case left <= real/3:
		j.say("C111", a.by, field, "is %s, of %s; the certificate is renewed every %s", span(before), j.lives(a.issuer, real), span(left))
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
func (j *judge) lives(i *issuer, is time.Duration) string {
	_, p, _ := profileOf(i)
	for _, l := range p.lifetimes {
		if l.is == is && l.from.After(j.now) {
			return "the CA's " + span(is) + " (from " + l.from.Format(time.DateOnly) + " on)"
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
