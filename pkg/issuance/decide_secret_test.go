package issuance

import (
	"testing"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
)

// TestDecideByCertificate: decisions from the certificate's properties.
func TestDecideByCertificate(t *testing.T) {
	base := demand(need("web", "web.example.com"))
	begin := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	there := Examine(issued(t, base))
	there.NotBefore, there.NotAfter = begin, begin.Add(90*day)
	const fine = "by --renew-before"

	type decision struct {
		Why              Reason
		Detail, Deferred string
	}
	for name, tt := range map[string]struct {
		change func(*Demand, *SecretState, *Rules)
		after  time.Duration // of the beginning
		want   decision
	}{
		"fine":                   {func(*Demand, *SecretState, *Rules) {}, day, decision{Detail: fine}},
		"a moment before due":    {func(*Demand, *SecretState, *Rules) {}, 80*day - 1, decision{Detail: fine}},
		"due":                    {func(*Demand, *SecretState, *Rules) {}, 80 * day, decision{Why: RenewalDue, Detail: fine}},
		"a moment before expiry": {func(*Demand, *SecretState, *Rules) {}, 90*day - 1, decision{Why: RenewalDue, Detail: fine}},
		"expired":                {func(*Demand, *SecretState, *Rules) {}, 90 * day, decision{Why: Expired, Detail: "2027-01-30"}},
		"staging at production": {func(d *Demand, h *SecretState, _ *Rules) {
			d.Issuer.Spec.ACME.Server, h.Note, h.Signer = v1alpha1.LetsEncrypt, Note{}, "(STAGING) Fake"
		}, day, decision{Why: ServerChanged, Detail: "from (STAGING) Fake"}},
		"staging at staging": {func(_ *Demand, h *SecretState, _ *Rules) { h.Note, h.Signer = Note{}, "(STAGING) Fake" }, day, decision{Detail: fine}},
		"production at production": {func(d *Demand, h *SecretState, _ *Rules) {
			d.Issuer.Spec.ACME.Server, h.Note, h.Signer = v1alpha1.LetsEncrypt, Note{}, "R10"
		}, day, decision{Detail: fine}},
		"an order at another host": {func(_ *Demand, h *SecretState, _ *Rules) {
			h.Note, h.OrderURL = Note{}, "https://staging.ca.example/order/1"
		}, day, decision{Why: ServerChanged, Detail: "from https://staging.ca.example"}},
		"an order at another port": {func(_ *Demand, h *SecretState, _ *Rules) {
			h.Note, h.OrderURL = Note{}, "https://ca.example:14000/order/1"
		}, day, decision{Why: ServerChanged, Detail: "from https://ca.example:14000"}},
		"an order at this host":                  {func(_ *Demand, h *SecretState, _ *Rules) { h.Note, h.OrderURL = Note{}, "https://CA.example/order/1" }, day, decision{Detail: fine}},
		"an order at another host, but our note": {func(_ *Demand, h *SecretState, _ *Rules) { h.OrderURL = "https://staging.ca.example/order/1" }, day, decision{Detail: fine}},
		"staging by name, but ordered here": {func(d *Demand, h *SecretState, _ *Rules) {
			d.Issuer.Spec.ACME.Server, h.Note, h.Signer = v1alpha1.LetsEncrypt, Note{}, "(STAGING) Fake"
			h.OrderURL = "https://acme-v02.api.letsencrypt.org/acme/order/1/2"
		}, day, decision{Detail: fine}},
		"a profile that was not noted":             {func(d *Demand, h *SecretState, _ *Rules) { d.Profile, h.Note = "short", Note{} }, day, decision{Detail: fine}},
		"another profile":                          {func(d *Demand, _ *SecretState, _ *Rules) { d.Profile = "short" }, day, decision{Why: ProfileChanged, Detail: `from ""`}},
		"no issuer noted":                          {func(_ *Demand, h *SecretState, _ *Rules) { h.IssuerName, h.IssuerKind = "", "" }, day, decision{Detail: fine}},
		"no kind noted":                            {func(_ *Demand, h *SecretState, _ *Rules) { h.IssuerKind = "" }, day, decision{Why: IssuerChanged, Detail: "from Issuer le"}},
		"no kind noted, of an Issuer":              {func(d *Demand, h *SecretState, _ *Rules) { h.IssuerKind, d.Issuer.Kind = "", "Issuer" }, day, decision{Detail: fine}},
		"a wish before cert-manager's certificate": {func(_ *Demand, h *SecretState, _ *Rules) { h.Note, h.RequestedAt = Note{}, begin.Add(-1) }, day, decision{Detail: fine}},
		"a wish with cert-manager's certificate":   {func(_ *Demand, h *SecretState, _ *Rules) { h.Note, h.RequestedAt = Note{}, begin }, day, decision{Detail: fine}},
		"a wish after cert-manager's certificate":  {func(_ *Demand, h *SecretState, _ *Rules) { h.Note, h.RequestedAt = Note{}, begin.Add(time.Second) }, day, decision{Why: RenewalRequested, Detail: "2026-11-01T12:00:01Z"}},
		"a wish that ours did not meet":            {func(_ *Demand, h *SecretState, _ *Rules) { h.RequestedAt = begin.Add(-time.Hour) }, day, decision{Why: RenewalRequested, Detail: "2026-11-01T11:00:00Z"}},
		"refused":                                  {func(_ *Demand, _ *SecretState, r *Rules) { r.Refusal = func(*Demand) string { return "frozen" } }, 85 * day, decision{Deferred: "frozen"}},
		"not refused":                              {func(_ *Demand, _ *SecretState, r *Rules) { r.Refusal = func(*Demand) string { return "" } }, 85 * day, decision{Why: RenewalDue, Detail: fine}},
		"refused, but nothing is due":              {func(_ *Demand, _ *SecretState, r *Rules) { r.Refusal = func(*Demand) string { return "frozen" } }, day, decision{Detail: fine}},
		"refused by who asks":                      {func(_ *Demand, _ *SecretState, r *Rules) { r.Refusal = func(d *Demand) string { return d.Ref.Name } }, 85 * day, decision{Deferred: "web"}},
		"a problem":                                {func(d *Demand, _ *SecretState, _ *Rules) { d.Problem = "no issuer" }, 95 * day, decision{Deferred: "no issuer"}},
		"of another type": {func(_ *Demand, h *SecretState, r *Rules) { h.Type, r.Adopt = "Opaque", true }, 95 * day, decision{
			Deferred: "the Secret has type Opaque, which cannot be changed to kubernetes.io/tls: delete the Secret",
		}},
		"empty and of another tool": {func(_ *Demand, h *SecretState, r *Rules) {
			*h, r.Adopt = SecretState{Exists: true, Foreign: "helm", Damage: NoCertificate}, true
		}, day, decision{Why: Damaged, Detail: "has no certificate"}},
		"a stand-in that is damaged": {func(_ *Demand, h *SecretState, _ *Rules) { h.Temporary, h.Damage = true, Mismatch }, day, decision{Why: Temporary}},
		"six names more":             {func(d *Demand, _ *SecretState, _ *Rules) { d.Names = append(d.Names, "a", "b", "c", "d", "e", "f") }, day, decision{Why: NamesChanged, Detail: "+a +b +c +d +e +f"}},
		"seven names more": {func(d *Demand, _ *SecretState, _ *Rules) {
			d.Names = append(d.Names, "a", "b", "c", "d", "e", "f", "g")
		}, day, decision{Why: NamesChanged, Detail: "+a +b +c +d +e and 2 more"}},
		"a name that the CA added": {func(_ *Demand, h *SecretState, _ *Rules) { h.Names = append(h.Names, "www.example.com") }, day, decision{Detail: fine}},
		"a name too many": {func(_ *Demand, h *SecretState, _ *Rules) {
			h.Note, h.Names = Note{}, append(h.Names, "www.example.com")
		}, day, decision{Why: NamesChanged, Detail: "-www.example.com"}},
		"an address in another form": {func(d *Demand, h *SecretState, _ *Rules) {
			d.Names, h.Names, h.Note = []string{"2001:DB8::0:1"}, []string{"2001:db8::1"}, Note{}
		}, day, decision{Detail: fine}},
	} {
		t.Run(name, func(t *testing.T) {
			d, h, rules := base, there, Rules{RenewBefore: 10 * day}
			d.Names, h.Names = append([]string(nil), d.Names...), append([]string(nil), h.Names...)
			d.Issuer.Spec = *d.Issuer.Spec.DeepCopy()
			tt.change(&d, &h, &rules)
			got := rules.Decide(Entry{Demand: &d, Secret: h}, RenewalInfo{}, begin.Add(tt.after))
			if diff := cmp.Diff(tt.want, decision{got.Why, got.Detail, got.Deferred}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecideWaits: a failed order is retried at its time, or at once after a request for
// renewal.
func TestDecideWaits(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	failed := Journal{Demand: d.Digest, Failures: 1, Failed: now, Detail: "challenge: no", RenewRequest: "2026-11-29T11:59:00Z"}
	for name, tt := range map[string]struct {
		after time.Duration
		asked string
		want  Decision
	}{
		"soon after": {after: time.Minute - 1, want: Decision{
			Deferred: "missing; failed once, next try at 2026-11-29T12:01:00Z: challenge: no", Waiting: Missing, At: now.Add(time.Minute),
		}},
		"at its time":      {after: time.Minute, want: Decision{Why: Missing}},
		"requested since":  {asked: "2026-11-29T12:00:00Z", want: Decision{Why: Missing}},
		"by a slow clock":  {asked: "2026-11-29T11:00:00Z", want: Decision{Why: Missing}},
		"requested before": {asked: "2026-11-29T11:59:00Z", want: Decision{Deferred: "missing; failed once, next try at 2026-11-29T12:01:00Z: challenge: no", Waiting: Missing, At: now.Add(time.Minute)}},
	} {
		t.Run(name, func(t *testing.T) {
			h := Examine(Secret{Type: tlsType, Annotations: map[string]string{v1alpha1.RenewAnnotation: tt.asked}})
			got := Rules{}.Decide(Entry{Demand: &d, Secret: h, Journal: failed}, RenewalInfo{}, now.Add(tt.after))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestExamine: the state of a Secret and its owner.
func TestExamine(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	secret := issued(t, d)
	known := Examine(secret)
	note := secret.Annotations[v1alpha1.IssuedAnnotation]
	broken := `{"leaf":"` + known.Leaf + `","server":1}`
	type facts struct {
		Foreign string
		Type    string
		Damage  Damage
		Note    Note
		Asked   bool
	}
	for name, tt := range map[string]struct {
		secret Secret
		want   facts
	}{
		"ours": {secret, facts{Note: known.Note}},
		"a certificate's name alone": {
			Secret{Type: tlsType, Cert: secret.Cert, Key: secret.Key, Annotations: map[string]string{cm.CertificateNameKey: "web"}, Manager: "m"}, facts{},
		},
		"an issuer's name alone": {
			Secret{Type: tlsType, Cert: secret.Cert, Key: secret.Key, Annotations: map[string]string{cm.IssuerNameAnnotationKey: "le"}, Manager: "m"}, facts{},
		},
		"unmarked":                      {Secret{Type: tlsType, Cert: secret.Cert, Key: secret.Key, Manager: "helm"}, facts{Foreign: "helm"}},
		"unmarked, without an owner":    {Secret{Type: tlsType, Cert: secret.Cert, Key: secret.Key}, facts{Foreign: "an unknown client"}},
		"empty":                         {Secret{Type: tlsType, Manager: "helm"}, facts{Damage: NoCertificate}},
		"empty, of another type":        {Secret{Type: "Opaque", Manager: "helm"}, facts{Foreign: "helm", Type: "Opaque", Damage: NoCertificate}},
		"a key alone":                   {Secret{Type: tlsType, Key: secret.Key, Manager: "helm"}, facts{Foreign: "helm", Damage: NoCertificate}},
		"a certificate alone":           {Secret{Type: tlsType, Cert: secret.Cert, Manager: "helm"}, facts{Foreign: "helm", Damage: NoKey}},
		"blanks":                        {Secret{Type: tlsType, Cert: []byte(" \n"), Key: []byte("\n"), Manager: "helm"}, facts{Foreign: "helm", Damage: NoCertificate}},
		"a note of another certificate": {annotated(secret, v1alpha1.IssuedAnnotation, `{"leaf":"0000000000000000","server":"https://other.example"}`), facts{}},
		"a note that is cut off":        {annotated(secret, v1alpha1.IssuedAnnotation, note[:len(note)-1]), facts{}},
		"a note that cannot be read":    {annotated(secret, v1alpha1.IssuedAnnotation, broken), facts{}},
		"no note":                       {annotated(secret, v1alpha1.IssuedAnnotation, ""), facts{}},
		"a wish":                        {annotated(secret, v1alpha1.RenewAnnotation, "2026-11-29T12:00:00Z"), facts{Note: known.Note, Asked: true}},
		"a request that is not a time":  {annotated(secret, v1alpha1.RenewAnnotation, "now"), facts{Note: known.Note}},
	} {
		t.Run(name, func(t *testing.T) {
			h := Examine(tt.secret)
			if diff := cmp.Diff(tt.want, facts{h.Foreign, h.Type, h.Damage, h.Note, !h.RequestedAt.IsZero()}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !h.Exists {
				t.Error("is not there")
			}
		})
	}
}

// annotated returns a Secret with one annotation changed.
func annotated(s Secret, key, value string) Secret {
	annotations := map[string]string{key: value}
	for k, v := range s.Annotations {
		if k != key {
			annotations[k] = v
		}
	}
	s.Annotations = annotations
	return s
}
