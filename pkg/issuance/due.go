package issuance

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// shortLived is the lifetime below which half of it, not a third, is left at
// renewal (Let's Encrypt's advice).
const shortLived = 10 * 24 * time.Hour

// How a renewal time came about.
const (
	ByCA         = "the CA's renewal information"
	ByWish       = "renewBefore"
	ByPercentage = "renewBeforePercentage"
	ByFlag       = "--renew-before"
	ByLifetime   = "its lifetime"
)

// Due says when a certificate is to be renewed, and by whose word; zero is
// never. The CA's renewal information (RFC 9773) comes first, then the wishes
// of the demand, then the given default, then the lifetime. renewBefore is the
// default, zero for none.
func Due(d *Demand, h SecretState, info RenewalInfo, renewBefore time.Duration) (time.Time, string) {
	c := &d.Certificate
	if c.Renewal != nil && c.Renewal.Policy == cm.CertificateRenewalPolicyDisabled {
		return time.Time{}, ""
	}
	lifetime := h.NotAfter.Sub(h.NotBefore)
	before, how := time.Duration(0), ""
	switch wish := c.RenewBefore; {
	case plausible(info, h):
		before, how = h.NotAfter.Sub(pointIn(info, h)), ByCA
	case wish != nil && wish.Duration > 0 && wish.Duration < lifetime:
		before, how = wish.Duration, ByWish
	case wish == nil && percentage(c) > 0:
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

// plausible reports whether renewal information can be meant: a window that is
// one, and that lies within the certificate's life.
func plausible(info RenewalInfo, h SecretState) bool {
	return !info.Start.IsZero() && info.End.After(info.Start) && info.End.After(h.NotBefore) && !info.End.After(h.NotAfter)
}

// pointIn is a point of the CA's window: random among certificates, and always
// the same for one.
func pointIn(info RenewalInfo, h SecretState) time.Time {
	return info.Start.Add(share(h, info.End.Sub(info.Start)))
}

// spread moves renewals that nobody set a time for apart, up to a sixtieth of
// the lifetime, so that what was issued together is not renewed at once.
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

// windowed moves a renewal into the windows that the demand allows, as
// cert-manager does.
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
