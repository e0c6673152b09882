package plan_test

import (
	"testing"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// need is what an Ingress asks of a ClusterIssuer.
func need(secret string, hosts ...string) plan.Need {
	return plan.Need{
		Namespace: "default",
		Certificate: cm.CertificateSpec{
			SecretName: secret, DNSNames: hosts,
			IssuerRef:  cmmeta.IssuerReference{Kind: "ClusterIssuer", Name: "le", Group: "cert-manager.io"},
			PrivateKey: &cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm},
		},
		By: plan.Source{Kind: "Ingress", Namespace: "default", Name: secret},
	}
}

// TestFirstConflict: who asks for one Secret must ask for one certificate.
func TestFirstConflict(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*plan.Need)
		want   int
	}{
		"the same":        {func(*plan.Need) {}, 0},
		"in capitals":     {func(n *plan.Need) { n.Certificate.DNSNames = []string{"Web.Example.com"} }, 0},
		"by another tool": {func(n *plan.Need) { n.By.Name = "other" }, 0},
		"other names":     {func(n *plan.Need) { n.Certificate.DNSNames = []string{"a.example.com"} }, 2},
		"another issuer":  {func(n *plan.Need) { n.Certificate.IssuerRef.Name = "b" }, 2},
		"another kind":    {func(n *plan.Need) { n.Certificate.IssuerRef.Kind = "Issuer" }, 2},
		"another key":     {func(n *plan.Need) { n.Certificate.PrivateKey.Size = 384 }, 2},
		"no word on keys": {func(n *plan.Need) { n.Certificate.PrivateKey = nil }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			third := need("web", "web.example.com")
			tt.change(&third)
			if got := plan.FirstConflict([]plan.Need{need("web", "web.example.com"), need("web", "web.example.com"), third}); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// TestIssuerOf has how issuers are found and named.
func TestIssuerOf(t *testing.T) {
	for name, tt := range map[string]struct {
		kind string
		want string
	}{
		"no kind":       {"", "Issuer default/le"},
		"Issuer":        {"Issuer", "Issuer default/le"},
		"ClusterIssuer": {"ClusterIssuer", "ClusterIssuer le"},
	} {
		n := need("web", "web.example.com")
		n.Certificate.IssuerRef.Kind = tt.kind
		if got := plan.IssuerOf(n).String(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
