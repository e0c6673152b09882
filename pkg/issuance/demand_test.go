package issuance

import (
	"testing"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// TestDigest: the digest changes if the CA would get different data, not if only the Secret or
// the time of renewal changes.
func TestDigest(t *testing.T) {
	base := demand(need("web", "web.example.com")).Digest
	for name, tt := range map[string]struct {
		change func(*plan.Need, *Issuer)
		other  bool
	}{
		"nothing":           {func(*plan.Need, *Issuer) {}, false},
		"a name":            {func(n *plan.Need, _ *Issuer) { n.Certificate.DNSNames = []string{"web.example.com", "www.example.com"} }, true},
		"an address":        {func(n *plan.Need, _ *Issuer) { n.Certificate.IPAddresses = []string{"192.0.2.1"} }, true},
		"names in capitals": {func(n *plan.Need, _ *Issuer) { n.Certificate.DNSNames = []string{"WEB.example.com", "web.EXAMPLE.com"} }, false},
		"the common name":   {func(n *plan.Need, _ *Issuer) { n.Certificate.CommonName = "web.example.com" }, true},
		"the subject":       {func(n *plan.Need, _ *Issuer) { n.Certificate.Subject = &cm.X509Subject{Organizations: []string{"o"}} }, true},
		"usages":            {func(n *plan.Need, _ *Issuer) { n.Certificate.Usages = []cm.KeyUsage{cm.UsageServerAuth} }, true},
		"the duration":      {func(n *plan.Need, _ *Issuer) { n.Certificate.Duration = &metav1.Duration{Duration: time.Hour} }, true},
		"the kind of key":   {func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey.Algorithm = cm.RSAKeyAlgorithm }, true},
		"the size of key":   {func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey.Size = 384 }, true},
		"no word on keys":   {func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey = nil }, true},
		"the issuer":        {func(n *plan.Need, i *Issuer) { n.Certificate.IssuerRef.Name, i.Name = "b", "b" }, true},
		"the server":        {func(_ *plan.Need, i *Issuer) { i.Spec.ACME.Server = "https://other.example" }, true},
		"the profile":       {func(_ *plan.Need, i *Issuer) { i.Spec.ACME.Profile = "short" }, true},
		"no ACME":           {func(_ *plan.Need, i *Issuer) { i.Spec.ACME = nil }, true},
		"the encoding":      {func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey.Encoding = cm.PKCS8 }, false},
		"the rotation":      {func(n *plan.Need, _ *Issuer) { n.Certificate.PrivateKey.RotationPolicy = cm.RotationPolicyNever }, false},
		"the renewal":       {func(n *plan.Need, _ *Issuer) { n.Certificate.RenewBefore = &metav1.Duration{Duration: time.Hour} }, false},
		"the Secret's labels": {func(n *plan.Need, _ *Issuer) {
			n.Certificate.SecretTemplate = &cm.CertificateSecretTemplate{Labels: map[string]string{"a": "b"}}
		}, false},
		"who asks":   {func(n *plan.Need, _ *Issuer) { n.By.Name = "other" }, false},
		"the solver": {func(n *plan.Need, _ *Issuer) { n.Labels = map[string]string{"a": "b"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			n, i := need("web", "web.example.com"), issuer()
			tt.change(&n, &i)
			if other := Demands([]plan.Need{n}, []Issuer{i})[0].Digest != base; other != tt.other {
				t.Errorf("another demand: %v, want %v", other, tt.other)
			}
		})
	}
}

// TestDemands: one demand for each Secret, sorted, from all its requests.
func TestDemands(t *testing.T) {
	elsewhere := need("a", "c.example.com")
	elsewhere.Namespace = "a"
	var got []string
	for _, d := range Demands([]plan.Need{need("b", "a.example.com"), need("a", "b.example.com"), elsewhere, need("b", "A.example.com")}, []Issuer{issuer()}) {
		got = append(got, d.Ref.String()+" "+d.Names[0]+d.Problem)
	}
	if diff := cmp.Diff([]string{"a/a c.example.com", "default/a b.example.com", "default/b a.example.com"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNotIssuedByACME: what no ACME CA puts into a certificate.
func TestNotIssuedByACME(t *testing.T) {
	const names = "ACME certificates support only DNS names and IP addresses: remove URIs, email addresses and other names"
	for name, tt := range map[string]struct {
		change func(*plan.Need)
		want   string
	}{
		"fine":           {func(*plan.Need) {}, ""},
		"no name":        {func(n *plan.Need) { n.Certificate.DNSNames = nil }, "no DNS names or IP addresses"},
		"an address":     {func(n *plan.Need) { n.Certificate.DNSNames, n.Certificate.IPAddresses = nil, []string{"192.0.2.1"} }, ""},
		"a URI":          {func(n *plan.Need) { n.Certificate.URIs = []string{"spiffe://x"} }, names},
		"an email":       {func(n *plan.Need) { n.Certificate.EmailAddresses = []string{"me@example.com"} }, names},
		"another name":   {func(n *plan.Need) { n.Certificate.OtherNames = []cm.OtherName{{OID: "1.2.3"}} }, names},
		"a CA":           {func(n *plan.Need) { n.Certificate.IsCA = true }, "ACME CAs do not issue CA certificates: remove isCA"},
		"the core group": {func(n *plan.Need) { n.Certificate.IssuerRef.Group = "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			n := need("web", "web.example.com")
			tt.change(&n)
			if diff := cmp.Diff(tt.want, demand(n).Problem); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCanonicalName: the spellings of a name in a request and in a certificate are equal.
func TestCanonicalName(t *testing.T) {
	for name, want := range map[string]string{
		"www.example.com":       "www.example.com",
		"WWW.Example.com":       "www.example.com",
		"www.example.com.":      "www.example.com",
		"*.Example.com.":        "*.example.com",
		"xn--bcher-kva.example": "xn--bcher-kva.example",
		"192.0.2.1":             "192.0.2.1",
		"::ffff:192.0.2.1":      "192.0.2.1",
		"2001:DB8:0:0:0:0:0:1":  "2001:db8::1",
		"2001:0db8::0001":       "2001:db8::1",
		"":                      "",
	} {
		if got := CanonicalName(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	d := &Demand{Names: []string{"2001:0db8::1", "www.example.com."}}
	if diff := nameDifference(d, SecretState{Names: []string{"2001:db8::1", "www.example.com"}}); diff != "" {
		t.Errorf("a certificate with the requested names differs: %s", diff)
	}
}
