package issuance

import (
	"testing"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestDue: the renewal time and its source.
func TestDue(t *testing.T) {
	begin := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		lifetime time.Duration // 90 days unless given
		spec     cm.CertificateSpec
		info     RenewalInfo
		flag     time.Duration
		after    time.Duration // of the beginning; at the earliest for ByCA and ByLifetime
		within   time.Duration
		how      string
	}{
		"a wish":                         {spec: cm.CertificateSpec{RenewBefore: &metav1.Duration{Duration: 20 * day}}, after: 70 * day, how: ByRenewBefore},
		"a wish before the flag":         {spec: cm.CertificateSpec{RenewBefore: &metav1.Duration{Duration: 20 * day}}, flag: day, after: 70 * day, how: ByRenewBefore},
		"a wish almost as long as it":    {spec: cm.CertificateSpec{RenewBefore: &metav1.Duration{Duration: 90*day - 1}}, after: 1, how: ByRenewBefore},
		"a wish as long as it":           {spec: cm.CertificateSpec{RenewBefore: &metav1.Duration{Duration: 90 * day}}, flag: day, after: 89 * day, how: ByFlag},
		"a wish of nothing":              {spec: cm.CertificateSpec{RenewBefore: &metav1.Duration{}}, flag: day, after: 89 * day, how: ByFlag},
		"a wish excludes a percentage":   {spec: cm.CertificateSpec{RenewBefore: &metav1.Duration{Duration: 100 * day}, RenewBeforePercentage: new(int32(50))}, flag: day, after: 89 * day, how: ByFlag},
		"a percentage":                   {spec: cm.CertificateSpec{RenewBeforePercentage: new(int32(50))}, flag: day, after: 45 * day, how: ByPercentage},
		"1 percent":                      {lifetime: 100 * day, spec: cm.CertificateSpec{RenewBeforePercentage: new(int32(1))}, after: 99 * day, how: ByPercentage},
		"99 percent":                     {lifetime: 100 * day, spec: cm.CertificateSpec{RenewBeforePercentage: new(int32(99))}, after: day, how: ByPercentage},
		"0 percent":                      {spec: cm.CertificateSpec{RenewBeforePercentage: new(int32(0))}, flag: day, after: 89 * day, how: ByFlag},
		"100 percent":                    {spec: cm.CertificateSpec{RenewBeforePercentage: new(int32(100))}, flag: day, after: 89 * day, how: ByFlag},
		"the flag":                       {flag: 30 * day, after: 60 * day, how: ByFlag},
		"the flag almost as long as it":  {flag: 90*day - 1, after: 1, how: ByFlag},
		"the flag as long as it":         {flag: 90 * day, after: 60*day - 36*time.Hour, within: 36 * time.Hour, how: ByLifetime},
		"a negative flag":                {flag: -day, after: 60*day - 36*time.Hour, within: 36 * time.Hour, how: ByLifetime},
		"a third of 10 days":             {lifetime: 10 * day, after: 160*time.Hour - 4*time.Hour, within: 4 * time.Hour, how: ByLifetime},
		"half of less":                   {lifetime: 10*day - 2, after: 120*time.Hour - 4*time.Hour - 1, within: 4 * time.Hour, how: ByLifetime},
		"a window of the CA":             {info: RenewalInfo{Start: begin.Add(10 * day), End: begin.Add(12 * day)}, flag: day, after: 10 * day, within: 2 * day, how: ByCA},
		"a window before a wish":         {info: RenewalInfo{Start: begin.Add(10 * day), End: begin.Add(12 * day)}, spec: cm.CertificateSpec{RenewBefore: &metav1.Duration{Duration: day}}, after: 10 * day, within: 2 * day, how: ByCA},
		"a window up to the end":         {info: RenewalInfo{Start: begin.Add(80 * day), End: begin.Add(90 * day)}, flag: day, after: 80 * day, within: 10 * day, how: ByCA},
		"a window beyond the end":        {info: RenewalInfo{Start: begin.Add(80 * day), End: begin.Add(90*day + 1)}, flag: day, after: 89 * day, how: ByFlag},
		"a window before the beginning":  {info: RenewalInfo{Start: begin.Add(-2 * day), End: begin}, flag: day, after: 89 * day, how: ByFlag},
		"a window around the beginning":  {info: RenewalInfo{Start: begin.Add(-2), End: begin.Add(1)}, flag: day, after: -2, within: 3, how: ByCA},
		"a window without a start":       {info: RenewalInfo{End: begin.Add(2 * day)}, flag: day, after: 89 * day, how: ByFlag},
		"a window that ends as it opens": {info: RenewalInfo{Start: begin.Add(2 * day), End: begin.Add(2 * day)}, flag: day, after: 89 * day, how: ByFlag},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.lifetime == 0 {
				tt.lifetime = 90 * day
			}
			d := Demand{}
			d.Certificate = tt.spec
			at, how := Due(&d, SecretState{Exists: true, NotBefore: begin, NotAfter: begin.Add(tt.lifetime), RenewalID: "a.b"}, tt.info, tt.flag)
			if diff := cmp.Diff(tt.how, how); diff != "" {
				t.Errorf("by (-want +got):\n%s", diff)
			}
			if after := at.Sub(begin); after < tt.after || after > tt.after+tt.within {
				t.Errorf("renewed after %s, want %s to %s", after, tt.after, tt.after+tt.within)
			}
		})
	}
}

// TestRenewalIsSpreadOut: certificates issued together are not renewed at once, and each certificate
// always at the same time.
func TestRenewalIsSpreadOut(t *testing.T) {
	begin := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	due := func(h SecretState) time.Time {
		h.NotAfter = h.NotBefore.Add(90 * day)
		at, _ := Due(&Demand{}, h, RenewalInfo{}, 0)
		return at
	}
	base := SecretState{RenewalID: "a.b", NotBefore: begin, Names: []string{"a.example.com"}}
	if first, second := due(base), due(base); first != second {
		t.Errorf("one certificate is due at %s and %s", first, second)
	}
	for name, other := range map[string]SecretState{
		"another certificate":   {RenewalID: "a.c", NotBefore: begin, Names: []string{"a.example.com"}},
		"other names":           {RenewalID: "a.b", NotBefore: begin, Names: []string{"b.example.com"}},
		"begun a second later":  {RenewalID: "a.b", NotBefore: begin.Add(time.Second), Names: []string{"a.example.com"}},
		"without an identifier": {NotBefore: begin, Names: []string{"a.example.com"}},
	} {
		if apart := due(other).Sub(due(base)).Abs(); apart < 2*time.Second || apart > 36*time.Hour+time.Second {
			t.Errorf("%s: %s apart", name, apart)
		}
	}
}

// TestDueWindows: a renewal waits for a window of the demand, as in cert-manager; invalid
// windows are ignored.
func TestDueWindows(t *testing.T) {
	begin := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	nights := []cm.CertificateRenewalWindows{{Cron: "0 2 * * *", WindowDuration: &metav1.Duration{Duration: 2 * time.Hour}}}
	policy := cm.CertificateRenewalPolicyRenewBefore
	due := begin.Add(70 * day)
	for name, tt := range map[string]struct {
		renewal *cm.CertificateRenewal
		before  time.Duration // 20 days unless given
		want    time.Time
	}{
		"none":            {want: due},
		"no windows":      {renewal: &cm.CertificateRenewal{Policy: policy}, want: due},
		"nights":          {renewal: &cm.CertificateRenewal{Policy: policy, Windows: nights}, want: begin.Add(70*day + 14*time.Hour)},
		"within a window": {renewal: &cm.CertificateRenewal{Policy: policy, Windows: nights}, before: 20*day - 15*time.Hour, want: begin.Add(70*day + 15*time.Hour)},
		"a wrong cron":    {renewal: &cm.CertificateRenewal{Policy: policy, Windows: []cm.CertificateRenewalWindows{{Cron: "nightly", WindowDuration: &metav1.Duration{Duration: time.Hour}}}}, want: due},
		"another policy":  {renewal: &cm.CertificateRenewal{Policy: "Later", Windows: nights}, want: due},
		"disabled":        {renewal: &cm.CertificateRenewal{Policy: cm.CertificateRenewalPolicyDisabled, Windows: nights}},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.before == 0 {
				tt.before = 20 * day
			}
			d := Demand{}
			d.Certificate = cm.CertificateSpec{Renewal: tt.renewal, RenewBefore: &metav1.Duration{Duration: tt.before}}
			at, _ := Due(&d, SecretState{NotBefore: begin, NotAfter: begin.Add(90 * day)}, RenewalInfo{}, 0)
			if diff := cmp.Diff(tt.want, at); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	// The CA's window may lie outside the validity; it is used as it is.
	d := Demand{}
	d.Certificate.Renewal = &cm.CertificateRenewal{Policy: policy, Windows: nights}
	info := RenewalInfo{Start: begin.Add(-day), End: begin.Add(1)}
	at, _ := Due(&d, SecretState{NotBefore: begin, NotAfter: begin.Add(90 * day)}, info, 0)
	if !at.Before(begin) {
		t.Errorf("moved to %s", at)
	}
}
