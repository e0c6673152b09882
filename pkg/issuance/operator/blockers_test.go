package operator

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestBlockers: what would make the planned orders fail, each with what to do.
func TestBlockers(t *testing.T) {
	const rights = "bind the ClusterRole of run (https://github.com/kubectl-certs/kubectl-certs/blob/main/kustomize/runner/rbac.yaml), or check another user with --as, such as system:serviceaccount:NAMESPACE:NAME"
	for name, tt := range map[string]struct {
		solvers string // of the issuer
		more    string // of its ACME spec
		change  func(*Options)
		deny    func(kubetest.Request) bool
		prepare func(shop)
		want    []Blocker
	}{
		"nothing": {solvers: "[{http01: {}}]"},
		"missing namespace of the account": {solvers: "[{http01: {}}]", change: func(o *Options) { o.ClusterNamespace = "certs" }, want: []Blocker{
			{"namespace certs not found", "kubectl create namespace certs, or set --cluster-resource-namespace to the namespace of your issuers' Secrets"},
		}},
		"missing Secret of a DNS solver": {solvers: "[{dns01: {cloudflare: {apiTokenSecretRef: {name: cloudflare, key: token}}}}]", want: []Blocker{
			{"ClusterIssuer acme: Secret cert-manager/cloudflare not found", "kubectl create secret generic cloudflare -n cert-manager --from-file=token=FILE"},
		}},
		"missing keys of a DNS solver": {
			solvers: "[{dns01: {route53: {region: eu-west-1, accessKeyIDSecretRef: {name: aws, key: id}, secretAccessKeySecretRef: {name: aws, key: secret}}}}]",
			prepare: func(s shop) { s.secret("cert-manager", "aws", "id", "AKIA") },
			want: []Blocker{
				{"ClusterIssuer acme: Secret cert-manager/aws has no key secret", "kubectl create secret generic aws -n cert-manager --from-file=secret=FILE"},
			}},
		"missing key of an external account": {solvers: "[{http01: {}}]", more: "externalAccountBinding: {keyID: kid, keySecretRef: {name: eab, key: hmac}}, ", want: []Blocker{
			{"ClusterIssuer acme: Secret cert-manager/eab not found", "kubectl create secret generic eab -n cert-manager --from-file=hmac=FILE"},
		}},
		"invalid account key": {solvers: "[{http01: {}}]", prepare: func(s shop) { s.secret("cert-manager", "account", "tls.key", "x") }, want: []Blocker{
			{"account: ClusterIssuer acme: key tls.key of Secret cert-manager/account is not a private key in PEM", "use the Secret of an ACME account key in privateKeySecretRef"},
		}},
		"no account key, and none may be made": {solvers: "[{http01: {}}]", more: "disableAccountKeyGeneration: true, ", want: []Blocker{
			{"account: ClusterIssuer acme: Secret cert-manager/account not found", "create it, or remove disableAccountKeyGeneration from the issuer"},
		}},
		"no solver": {solvers: "[{selector: {dnsNames: [other.example.com]}, http01: {}}]", want: []Blocker{
			{"no solver of ClusterIssuer acme matches (the CA offers dns-01, http-01, tls-alpn-01): add an http01 or dns01 solver whose selector matches", "kubectl certs lint checks the solvers of an issuer"},
		}},
		"no permission for Secrets": {solvers: "[{http01: {}}]", deny: func(r kubetest.Request) bool {
			return r.Resource == "secrets" && r.Verb != "get" && r.Verb != "list" && r.Namespace != "cert-manager"
		}, want: []Blocker{
			{"this user cannot create, patch, update, delete secrets in namespace shop", rights},
		}},
		"no permission for solvers": {
			solvers: "[{http01: {ingress: {ingressClassName: nginx}}}]", change: func(o *Options) { o.HTTP01 = HTTP01Solver },
			deny: func(r kubetest.Request) bool {
				return r.Resource == "pods" && r.Verb == "create" || r.Resource == "ingresses" && r.Verb == "delete" || r.Resource == "httproutes" && r.Verb == "create"
			},
			want: []Blocker{
				{"this user cannot create pods in namespace shop", rights},
				{"this user cannot delete ingresses in namespace shop", rights},
			}},
		"no permission for the Lease": {solvers: "[{http01: {}}]", deny: func(r kubetest.Request) bool { return r.Resource == "leases" && r.Verb == "update" }, want: []Blocker{
			{"this user cannot update leases in namespace shop", rights},
		}},
		"a permission that is not needed": {solvers: "[{http01: {}}]", deny: func(r kubetest.Request) bool { return r.Resource == "pods" || r.Resource == "leases" }, change: func(o *Options) { o.LeaderElect = false }},
		"namespaces may not be read":      {solvers: "[{http01: {}}]", deny: func(r kubetest.Request) bool { return r.Resource == "namespaces" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, "web", "app")
			for i, o := range s.options.Manifests {
				if o.Kind() == "ClusterIssuer" {
					s.options.Manifests[i] = s.issuer(tt.solvers, tt.more)
				}
			}
			if tt.prepare != nil {
				tt.prepare(s)
			}
			s.kube.Allow = func(r kubetest.Request) bool { return tt.deny == nil || !tt.deny(r) }
			op := s.operator(func(o *Options) {
				o.DryRun = true
				if tt.change != nil {
					tt.change(o)
				}
			})
			rows, err := op.Plan(t.Context(), Hooks{})
			if err != nil || len(rows) != 2 {
				t.Fatal(rows, err)
			}
			got, err := op.Blockers(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// issuer returns the shop's issuer with other solvers, and more in its ACME spec.
func (s shop) issuer(solvers, more string) manifest.Object {
	s.t.Helper()
	objects, err := manifest.Decode([]byte(strings.TrimSpace(`
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: acme}
spec: {acme: {server: "https://ca.example.com/directory", ` + more + `privateKeySecretRef: {name: account}, solvers: ` + solvers + `}}
`)))
	if err != nil {
		s.t.Fatal(err)
	}
	return objects[0]
}

func (s shop) secret(namespace, name, key, value string) {
	s.t.Helper()
	if _, err := s.core.Secrets(namespace).Create(s.t.Context(), secretWith(name, key, value), metav1.CreateOptions{}); err != nil {
		s.t.Fatal(err)
	}
}

func secretWith(name, key, value string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{key: []byte(value)}}
}
