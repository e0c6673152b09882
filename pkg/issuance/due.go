package issuance

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// shortLived is the lifetime below which a certificate is renewed after half of it, not two
// thirds (Let's Encrypt's advice).
const shortLived = 10 * 24 * time.Hour

// The sources of a renewal time.
const (
	ByCA          = "the CA's renewal information"
	ByRenewBefore = "renewBefore"
	ByPercentage  = "renewBeforePercentage"
	ByFlag        = "--renew-before"
	ByLifetime    = "its lifetime"
)

// Due returns when a certificate is renewed, and the source of that time; zero is never. The
// CA's renewal information (RFC 9773) comes first, then the settings of the demand, then
// renewBefore (zero for none), then the lifetime.
func Due(d *Demand, h SecretState, info RenewalInfo, renewBefore time.Duration) (time.Time, string) {
	c := &d.Certificate
	if c.Renewal != nil && c.Renewal.Policy == cm.CertificateRenewalPolicyDisabled {
		return time.Time{}, ""
	}
	lifetime := h.NotAfter.Sub(h.NotBefore)
	before, how := time.Duration(0), ""
	switch set := c.RenewBefore; {
	case plausible(info, h):
		before, how = h.NotAfter.Sub(pointIn(info, h)), ByCA
	case set != nil && set.Duration > 0 && set.Duration < lifetime:
		before, how = set.Duration, ByRenewBefore
	case set == nil && percentage(c) > 0:
		before, how = lifetime/100*time.Duration(percentage(c)), ByPercentage
	case renewBefore > 0 && renewBefore < lifetime:
		before, how = renewBefore, ByFlag
	default:
		before, how = third(lifetime)+spread(h, lifetime), ByLifetime
	}
	return windowed(c, h, before), how
}

func percentage(c *cm.CertificateSpec) int32 {
	if p := c.RenewBeforePercentage; p != nil && *p > 0 && *p < 100 {
		return *p
	}
	return 0
}

func third(lifetime time.Duration) time.Duration {
	if lifetime < shortLived {
		return lifetime / 2
	}
	return lifetime / 3
}

// plausible reports whether a renewal window is not empty and within the certificate's
// validity.
func plausible(info RenewalInfo, h SecretState) bool {
	return !info.Start.IsZero() && info.End.After(info.Start) && info.End.After(h.NotBefore) && !info.End.After(h.NotAfter)
}

// pointIn returns a point in the CA's window that depends only on the certificate.
func pointIn(info RenewalInfo, h SecretState) time.Time {
	return info.Start.Add(share(h, info.End.Sub(info.Start)))
}

// spread returns an offset of up to a sixtieth of the lifetime, so that certificates issued
// together are not renewed at once.
func spread(h SecretState, lifetime time.Duration) time.Duration { return share(h, lifetime/60) }

func share(h SecretState, of time.Duration) time.Duration {
	hash := fnv.New64a()
	hash.Write([]byte(h.RenewalID))
	hash.Write(binary.BigEndian.AppendUint64(nil, uint64(h.NotBefore.Unix())))
	for _, name := range h.Names {
		hash.Write([]byte(name))
	}
	return time.Duration(float64(of) * float64(hash.Sum64()>>11) / (1 << 53))
}

// windowed moves a renewal into the windows of the demand, as cert-manager does.
func windowed(c *cm.CertificateSpec, h SecretState, before time.Duration) time.Time {
	at := h.NotAfter.Add(-before)
	if c.Renewal == nil || len(c.Renewal.Windows) == 0 || before <= 0 || before >= h.NotAfter.Sub(h.NotBefore) {
		return at
	}
	moved, err := cmpki.RenewalTime(h.NotBefore, h.NotAfter, &metav1.Duration{Duration: before}, nil, c.Renewal)
	if err != nil || moved == nil {
		return at
	}
	return moved.Time
}
