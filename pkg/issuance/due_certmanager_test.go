package issuance

import (
	"testing"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestDueBeforeCertManager: without renewal information of the CA, a certificate is renewed no
// later than cert-manager would, so that cert-manager finds nothing to renew when it comes back.
func TestDueBeforeCertManager(t *testing.T) {
	begin := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	percent := func(p int32) *int32 { return &p }
	for name, spec := range map[string]cm.CertificateSpec{
		"by lifetime":     {},
		"by renewBefore":  {RenewBefore: &metav1.Duration{Duration: 20 * time.Hour}},
		"by a percentage": {RenewBeforePercentage: percent(40)},
		// Newer than the controllers of the lab: cert-manager 1.21.
		"in windows":           {Renewal: &cm.CertificateRenewal{Policy: cm.CertificateRenewalPolicyRenewBefore, Windows: []cm.CertificateRenewalWindows{{Cron: "0 * * * *", WindowDuration: &metav1.Duration{Duration: 30 * time.Minute}}}}},
		"longer than lifetime": {RenewBefore: &metav1.Duration{Duration: 10000 * day}},
	} {
		for _, lifetime := range []time.Duration{30 * time.Hour, 6 * day, 9 * day, 10 * day, 45 * day, 90 * day, 397 * day} {
			d := demand(need("web", "web.example.com"))
			d.Certificate.RenewBefore, d.Certificate.RenewBeforePercentage, d.Certificate.Renewal = spec.RenewBefore, spec.RenewBeforePercentage, spec.Renewal
			h := SecretState{NotBefore: begin, NotAfter: begin.Add(lifetime), Names: []string{"web.example.com"}}
			at, how := Due(&d, h, RenewalInfo{}, 0)
			theirs, err := cmpki.RenewalTime(h.NotBefore, h.NotAfter, spec.RenewBefore, spec.RenewBeforePercentage, spec.Renewal)
			if err != nil {
				t.Fatal(err)
			}
			if at.After(theirs.Time.Add(time.Second)) { // cert-manager's is truncated
				t.Errorf("%s of %s: due at %s by %s, after cert-manager at %s", name, lifetime, at, how, theirs)
			}
		}
	}
}
