package issuance

import (
	"context"
	"strings"
	"testing"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// issued is the Secret that a run leaves for a demand.
func issued(t *testing.T, d Demand) Secret {
	t.Helper()
	store := newMemory()
	if s, err := runner(newSigner(t, 90*day), store).Once(t.Context(), store.entries(d)); err != nil || s.Issued != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	return store.secrets[d.Ref]
}

func TestDecide(t *testing.T) {
	base := need("web", "web.example.com", "10.0.0.1")
	base.Certificate.DNSNames, base.Certificate.IPAddresses = base.Certificate.DNSNames[:1], base.Certificate.DNSNames[1:]
	d := demand(base)
	secret := issued(t, d)
	now := time.Now()

	with := func(change func(*plan.Need, *Issuer)) Demand {
		n, i := base, issuer()
		n.Certificate = *base.Certificate.DeepCopy()
		i.Spec = *i.Spec.DeepCopy()
		change(&n, &i)
		return Demands([]plan.Need{n}, []Issuer{i})[0]
	}
	changed := func(change func(*Secret)) Secret {
		s := secret
		s.Annotations = map[string]string{}
		for k, v := range secret.Annotations {
			s.Annotations[k] = v
		}
		change(&s)
		return s
	}
	other := issued(t, demand(need("other", "other.example.com")))

	for name, tt := range map[string]struct {
		demand  *Demand
		secret  *Secret
		none    bool
		after   time.Duration
		info    RenewalInfo
		journal Journal
		rules   Rules
		why     Reason
		detail  string // prefix
		held    string // prefix
	}{
		"missing":   {none: true, why: Missing},
		"fine":      {detail: "by its lifetime"},
		"due":       {after: 61 * day, why: RenewalDue, detail: "by its lifetime"},
		"expired":   {after: 91 * day, why: Expired},
		"by the CA": {after: 2 * day, info: RenewalInfo{Start: now, End: now.Add(day)}, why: RenewalDue, detail: "by the CA's renewal information"},
		"not by ARI that outlives the certificate": {after: 2 * day, info: RenewalInfo{Start: now, End: now.Add(100 * day)}, detail: "by its lifetime"},
		"not by ARI that ends before it starts":    {after: 2 * day, info: RenewalInfo{Start: now, End: now.Add(-day)}, detail: "by its lifetime"},
		"flag":                                     {after: 61 * day, rules: Rules{RenewBefore: 360 * time.Hour}, detail: "by --renew-before"},
		"wish over flag": {
			demand: new(with(func(n *plan.Need, _ *Issuer) { n.Certificate.RenewBefore = &metav1.Duration{Duration: 40 * day} })),
			after:  51 * day, rules: Rules{RenewBefore: day}, why: RenewalDue, detail: "by renewBefore",
		},
		"disabled": {
			demand: new(with(func(n *plan.Need, _ *Issuer) {
				n.Certificate.Renewal = &cm.CertificateRenewal{Policy: cm.CertificateRenewalPolicyDisabled}
			})),
			after: 80 * day, detail: "renewal is disabled",
		},
		"name added": {demand: new(with(func(n *plan.Need, _ *Issuer) {
			n.Certificate.DNSNames = append(n.Certificate.DNSNames, "a.example.com")
		})), why: NamesChanged, detail: "+a.example.com"},
		"name removed":                   {demand: new(with(func(n *plan.Need, _ *Issuer) { n.Certificate.IPAddresses = nil })), why: NamesChanged, detail: "-10.0.0.1"},
		"common name is a name":          {demand: new(with(func(n *plan.Need, _ *Issuer) { n.Certificate.CommonName = "cn.example.com" })), why: NamesChanged, detail: "+cn.example.com"},
		"staging to production":          {demand: new(with(func(_ *plan.Need, i *Issuer) { i.Spec.ACME.Server = "https://other.example" })), why: ServerChanged, detail: "from " + server},
		"profile":                        {demand: new(with(func(_ *plan.Need, i *Issuer) { i.Spec.ACME.Profile = "shortlived" })), why: ProfileChanged},
		"another issuer":                 {demand: new(with(func(n *plan.Need, i *Issuer) { n.Certificate.IssuerRef.Name, i.Name = "b", "b" })), why: IssuerChanged, detail: "from ClusterIssuer le"},
		"key type":                       {demand: new(with(func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey.Algorithm = cm.RSAKeyAlgorithm })), why: KeyChanged, detail: "from ECDSA 256 to RSA 2048"},
		"key size":                       {demand: new(with(func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey.Size = 384 })), why: KeyChanged, detail: "from ECDSA 256 to ECDSA 384"},
		"key of another":                 {secret: new(changed(func(s *Secret) { s.Key = other.Key })), why: Damaged, detail: "has a key that does not match"},
		"no key":                         {secret: new(changed(func(s *Secret) { s.Key = nil })), why: Damaged, detail: "has no private key"},
		"emptied":                        {secret: new(changed(func(s *Secret) { s.Cert = nil })), why: Missing},
		"garbage":                        {secret: new(changed(func(s *Secret) { s.Cert = []byte("x") })), why: Damaged, detail: "has an invalid certificate or key"},
		"broken chain":                   {secret: new(changed(func(s *Secret) { s.Cert = append(secret.Cert[:len(secret.Cert):len(secret.Cert)], other.Cert...) })), why: Damaged, detail: "has a chain"},
		"asked":                          {secret: new(changed(func(s *Secret) { s.Annotations[v1alpha1.RenewAnnotation] = now.Format(time.RFC3339) })), why: RenewalRequested},
		"what a CA adds is not a change": {secret: new(changed(func(*Secret) {})), detail: "by its lifetime"},
		"of another tool":                {secret: new(changed(func(s *Secret) { s.Annotations, s.Manager = nil, "kubectl-create" })), held: "the Secret was created by kubectl-create"},
		"adopted":                        {secret: new(changed(func(s *Secret) { s.Annotations = nil })), rules: Rules{Adopt: true}, why: IssuerChanged, detail: "created by "},
		"as cert-manager leaves it":      {secret: new(changed(func(s *Secret) { delete(s.Annotations, v1alpha1.IssuedAnnotation) })), detail: "by its lifetime"},
		"waiting":                        {none: true, journal: Journal{Demand: d.Digest, Failures: 2, Failed: now, Detail: "validation: no"}, held: "missing; failed 2 times, next try at"},
		"waited":                         {none: true, after: 11 * time.Minute, journal: Journal{Demand: d.Digest, Failures: 2, Failed: now}, why: Missing},
		"the CA says when":               {none: true, after: time.Hour, journal: Journal{Demand: d.Digest, Failures: 1, Failed: now, RetryAt: now.Add(2 * time.Hour)}, held: "missing; failed once"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.demand == nil {
				tt.demand = &d
			}
			if tt.secret == nil {
				tt.secret = &secret
			}
			var h SecretState
			if !tt.none {
				h = Examine(*tt.secret)
			}
			got := tt.rules.Decide(Entry{Demand: tt.demand, Secret: h, Journal: tt.journal}, tt.info, now.Add(tt.after))
			if got.Why != tt.why || !strings.HasPrefix(got.Detail, tt.detail) || !strings.HasPrefix(got.Deferred, tt.held) || (got.Deferred == "") != (tt.held == "") {
				t.Errorf("got %+v, want why %q, detail %q, held %q", got, tt.why, tt.detail, tt.held)
			}
		})
	}
}

func TestRenewalRequestIsMetOnce(t *testing.T) {
	d := demand(need("web", "web.example.com"))
	ca, store := newSigner(t, 90*day), newMemory()
	s := issued(t, d)
	s.Annotations[v1alpha1.RenewAnnotation] = time.Now().Format(time.RFC3339)
	store.secrets[d.Ref] = s
	if sum, err := runner(ca, store).Once(t.Context(), store.entries(d)); err != nil || sum.Issued != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	s = store.secrets[d.Ref]
	if s.Annotations[v1alpha1.RenewAnnotation] == "" { // another field manager's, it stays
		s.Annotations[v1alpha1.RenewAnnotation] = time.Now().Format(time.RFC3339)
	}
	store.secrets[d.Ref] = s
	if sum, err := runner(ca, store).Once(context.Background(), store.entries(d)); err != nil || sum.UpToDate != 1 {
		t.Errorf("again: %+v, %v", sum, err)
	}
}

func TestProblems(t *testing.T) {
	a, b := need("web", "a.example.com"), need("web", "b.example.com")
	uri := need("uri", "a.example.com")
	uri.Certificate.URIs = []string{"spiffe://x"}
	vault := need("vault", "a.example.com")
	vault.Certificate.IssuerRef.Name = "vault"
	lost := need("lost", "a.example.com")
	lost.Certificate.IssuerRef.Name = "nobody"
	external := need("external", "a.example.com")
	external.Certificate.IssuerRef.Group = "example.com"
	demands := Demands([]plan.Need{a, b, uri, vault, lost, external}, []Issuer{issuer(), {Kind: "ClusterIssuer", Name: "vault"}})
	want := map[string]string{
		"web":      "Ingress default/web and Ingress default/web request different certificates in the same Secret: use another Secret for one of them",
		"uri":      "ACME certificates support only DNS names and IP addresses: remove URIs, email addresses and other names",
		"vault":    "ClusterIssuer vault is not an ACME issuer: kubectl certs run supports only ACME",
		"lost":     "ClusterIssuer nobody not found or not readable: apply it, or pass its manifests with -f or -k",
		"external": "issuer kind ClusterIssuer of group example.com is not supported: its own controller issues the certificate",
	}
	for _, d := range demands {
		if d.Problem != want[d.Ref.Name] {
			t.Errorf("%s: %q, want %q", d.Ref, d.Problem, want[d.Ref.Name])
		}
	}
	if len(demands) != len(want) {
		t.Errorf("%d demands, want %d", len(demands), len(want))
	}
}
