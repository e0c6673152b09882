package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// TestTrustTargets has what every target of an entry of trust becomes.
func TestTrustTargets(t *testing.T) {
	type anchor struct {
		Kind                        plan.AnchorKind
		Namespace, Name, Key, Note  string
		Labels, Annotations, Target string
	}
	for name, tt := range map[string]struct {
		to    string
		more  string // fields of the entry
		roots int
		want  []anchor
	}{
		"targets without an object": {"aks: {}, bottlerocket: {}, talos: {}", "", 1, nil},
		"the retired Secret of AKS": {"aks-secret: {}", "", 1, []anchor{
			{Kind: plan.Secret, Namespace: "kube-system", Name: "custom-ca-trust-secret", Target: "aks-secret",
				Note: "1 CA certificate; the preview was retired on " + cabundle.RetiredOn + ", and only node pools with enableCustomCATrust read it"},
		}},
		"a ConfigMap of the overlay's namespace": {"configmap: {}", "", 2, []anchor{
			{Kind: plan.ConfigMap, Name: "corp", Key: "ca.crt", Note: "2 CA certificates in ca.crt", Target: "configmap"},
		}},
		"a ConfigMap in each namespace": {"configmap: {namespaces: [a, b]}", "", 2, []anchor{
			{Kind: plan.ConfigMap, Namespace: "a", Name: "corp", Key: "ca.crt", Note: "2 CA certificates in ca.crt", Target: "configmap"},
			{Kind: plan.ConfigMap, Namespace: "b", Name: "corp", Key: "ca.crt", Note: "2 CA certificates in ca.crt", Target: "configmap"},
		}},
		"a Bundle": {"trust-manager: {}", "", 1, []anchor{
			{Kind: plan.TrustBundle, Name: "corp", Note: "1 CA certificate, as ConfigMap corp in all namespaces", Target: "trust-manager"},
		}},
		"a ClusterBundle with the public CAs": {"trust-manager: {version: v1alpha2, defaultCAs: true, namespaces: {matchLabels: {team: a}}}", "", 1, []anchor{
			{Kind: plan.ClusterBundle, Name: "corp", Annotations: "trust-manager.io/migrated=true", Target: "trust-manager",
				Note: "1 CA certificate and the public CAs, as ConfigMap corp in all namespaces that match the selector"},
		}},
		"a ClusterTrustBundle of a signer": {"cluster-trust-bundle: {signerName: example.com/corp}", "", 3, []anchor{
			{Kind: plan.ClusterTrustBundle, Name: "example.com:corp:corp", Note: "3 CA certificates that every pod can mount", Target: "cluster-trust-bundle"},
		}},
		"all of OpenShift": {"openshift: {namespaces: [a]}", "", 1, []anchor{
			{Kind: plan.ConfigMap, Namespace: "openshift-config", Name: "user-ca-bundle", Key: "ca-bundle.crt", Target: "openshift",
				Annotations: "argocd.argoproj.io/sync-options=Delete=false,Prune=false kustomize.toolkit.fluxcd.io/prune=disabled",
				Note:        "1 CA certificate, replacing the present ones; nodes restart one by one"},
			{Kind: plan.Proxy, Name: "cluster", Note: "the cluster trusts ConfigMap user-ca-bundle", Target: "openshift",
				Annotations: "argocd.argoproj.io/sync-options=Delete=false,Prune=false kustomize.toolkit.fluxcd.io/prune=disabled"},
			{Kind: plan.ConfigMap, Namespace: "a", Name: "corp", Note: "OpenShift adds all CAs under ca-bundle.crt", Target: "openshift",
				Labels: "config.openshift.io/inject-trusted-cabundle=true", Annotations: "kustomize.toolkit.fluxcd.io/ssa=Merge"},
		}},
		"findings that are allowed": {"configmap: {}", ", allow: [T004, T005]", 1, []anchor{
			{Kind: plan.ConfigMap, Name: "corp", Key: "ca.crt", Note: "1 CA certificate in ca.crt", Annotations: "kubectl-certs.dev/allow=T004,T005", Target: "configmap"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			roots := plan.Roots{"corp": make([]cabundle.Entry, tt.roots)}
			p := parseWith(t, "trust: [{name: corp, from: [corp.pem], to: {"+tt.to+"}"+tt.more+"}]\n", roots)
			var got []anchor
			for _, a := range p.Anchors {
				got = append(got, anchor{a.Kind, a.Namespace, a.Name, a.Key, a.Note, pairs(a.Labels), pairs(a.Annotations), strings.TrimPrefix(a.Part, "trust/corp/")})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(p.Bundles) != 1 || len(p.Bundles[0].Roots) != tt.roots {
				t.Errorf("bundles are %+v", p.Bundles)
			}
		})
	}
}

// TestRootsOfIssuers has how a Bundle names what it follows in the cluster.
func TestRootsOfIssuers(t *testing.T) {
	const issuers = "issuers: [{name: a, kind: ClusterIssuer, private: {commonName: A}}, {name: b, kind: ClusterIssuer, private: {commonName: B}}, {name: c, kind: ClusterIssuer, private: {commonName: C}}]\n"
	for name, tt := range map[string]struct {
		entry   string
		note    string
		secrets []string
	}{
		"one":             {"fromIssuers: [b], to: {trust-manager: {}}", "the root of b", []string{"b-ca"}},
		"two":             {"fromIssuers: [b, a], to: {trust-manager: {}}", "the roots of b and a", []string{"b-ca", "a-ca"}},
		"three":           {"fromIssuers: [a, b, c], to: {trust-manager: {}}", "the roots of a, b and c", []string{"a-ca", "b-ca", "c-ca"}},
		"and files":       {"from: [x.pem], fromIssuers: [a], to: {trust-manager: {}}", "1 CA certificate and the root of a", []string{"a-ca"}},
		"and public ones": {"from: [x.pem], fromIssuers: [a], to: {trust-manager: {defaultCAs: true}}", "1 CA certificate, the root of a and the public CAs", []string{"a-ca"}},
	} {
		t.Run(name, func(t *testing.T) {
			roots := plan.Roots{}
			if strings.Contains(tt.entry, "from:") {
				roots["corp"] = make([]cabundle.Entry, 1)
			}
			p := parseWith(t, issuers+"trust: [{name: corp, "+tt.entry+"}]\n", roots)
			if diff := cmp.Diff(tt.note+", as ConfigMap corp in all namespaces", p.Anchors[0].Note); diff != "" {
				t.Errorf("note (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.secrets, p.Bundles[0].Secrets); diff != "" {
				t.Errorf("Secrets (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStore has a trust store for Java made by trust-manager only where pods
// mount its ConfigMap and read one.
func TestStore(t *testing.T) {
	for name, tt := range map[string]struct {
		to   string
		want string
	}{
		"no pods":                   {"trust-manager: {}", ""},
		"pods of Java":              {"trust-manager: {}, pods: {mount: trust-manager, variables: [SSL_CERT_FILE, JAVA_TOOL_OPTIONS]}", cabundle.StoreKey},
		"pods of others":            {"trust-manager: {}, pods: {mount: trust-manager, variables: [SSL_CERT_FILE]}", ""},
		"pods that mount their own": {"trust-manager: {}, pods: {variables: [JAVA_TOOL_OPTIONS]}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := parseWith(t, "trust: [{name: corp, from: [x.pem], to: {"+tt.to+"}}]\n", nil)
			if got := p.Bundles[0].Store(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPodsVolume has names of volumes that Kubernetes takes, and that are not
// those of another entry.
func TestPodsVolume(t *testing.T) {
	long := strings.Repeat("a", 49)
	for name, tt := range map[string]struct{ entry, want string }{
		"short":                       {"corp", "kubectl-certs-corp"},
		"as long as a label may be":   {long, "kubectl-certs-" + long},
		"longer":                      {long + "a", "kubectl-certs-" + long[:40] + "-160b4e43"},
		"longer, with the same start": {long + "b", "kubectl-certs-" + long[:40] + "-6fb9a809"},
	} {
		t.Run(name, func(t *testing.T) {
			got := plan.PodsVolume(tt.entry)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(got) > 63 {
				t.Errorf("%d characters", len(got))
			}
		})
	}
}
