package lint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
)

// TestRefusedByTheServer: some findings about certificates are errors in a
// ClusterTrustBundle, even if they are allowed. Elsewhere they have their usual
// severity.
func TestRefusedByTheServer(t *testing.T) {
	kinds := map[string]string{
		"ConfigMap":          "{apiVersion: v1, kind: ConfigMap, metadata: {name: roots ALLOW}, data: {ca.crt: PEM}}",
		"Bundle":             "{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: roots ALLOW}, spec: {sources: [{inLine: PEM}]}}",
		"ClusterBundle":      "{apiVersion: trust-manager.io/v1alpha2, kind: ClusterBundle, metadata: {name: roots ALLOW}, spec: {inLineCAs: PEM}}",
		"ClusterTrustBundle": "{apiVersion: certificates.k8s.io/v1, kind: ClusterTrustBundle, metadata: {name: roots ALLOW}, spec: {trustBundle: PEM}}",
	}
	for file, tt := range map[string]struct {
		id, severity string
		firm         bool
	}{
		"ca-false.pem":  {"T001", "error", true},
		"version-1.pem": {"T013", "warning", true},
		"duplicate.pem": {"T014", "warning", true},
		"expired.pem":   {"T004", "error", false},
	} {
		data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "trust", file))
		if err != nil {
			t.Fatal(err)
		}
		pem := `"` + strings.ReplaceAll(string(data), "\n", `\n`) + `"`
		for kind, object := range kinds {
			want := []string{tt.severity + " " + tt.id, "note " + tt.id}
			if kind == "ClusterTrustBundle" && tt.firm {
				want = []string{"error " + tt.id + " firm", "error " + tt.id + " firm"}
			}
			var got []string
			for _, allow := range []string{"", ", annotations: {kubectl-certs.dev/allow: " + tt.id + "}"} {
				for _, f := range lint.Check(objects(t, []byte(strings.NewReplacer("PEM", pem, " ALLOW", allow).Replace(object))), nil, now) {
					if f.ID == tt.id {
						line := string(f.Severity) + " " + f.ID
						if f.Firm {
							line += " firm"
						}
						got = append(got, line)
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s in a %s (-want +got):\n%s", file, kind, diff)
			}
		}
	}
}

// TestKindsOfOthers: an object is checked by its group and kind. Similar kinds of
// other groups are skipped.
func TestKindsOfOthers(t *testing.T) {
	const wrong = "{cert-manager.io/cluster-isuer: x}"
	for name, tt := range map[string]struct {
		object string
		want   []string
	}{
		"a misspelt annotation of an Ingress":    {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: " + wrong + "}}", []string{"C306 metadata.annotations.cert-manager.io/cluster-isuer"}},
		"of a Gateway":                           {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, annotations: " + wrong + "}}", []string{"C306 metadata.annotations.cert-manager.io/cluster-isuer"}},
		"of a Gateway of Istio":                  {"{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a, annotations: " + wrong + "}}", nil},
		"of an HTTPRoute":                        {"{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a, annotations: " + wrong + "}}", nil},
		"of a Deployment":                        {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, annotations: " + wrong + "}}", nil},
		"an issuer on an HTTPRoute":              {"{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}}", []string{"C308 metadata.annotations.cert-manager.io/issuer"}},
		"an issuer on a Service":                 {"{apiVersion: v1, kind: Service, metadata: {name: a, annotations: {cert-manager.io/cluster-issuer: x}}}", []string{"C308 metadata.annotations.cert-manager.io/cluster-issuer"}},
		"an issuer on a Service of Knative":      {"{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a, annotations: {cert-manager.io/cluster-issuer: x}}}", nil},
		"a password of a Certificate":            {"{apiVersion: example.com/v1, kind: Certificate, metadata: {name: a}, spec: {keystores: {jks: {password: p}}}}", nil},
		"a password of an Issuer":                {"{apiVersion: example.com/v1, kind: Issuer, metadata: {name: a}, spec: {keystores: {jks: {password: p}}}}", nil},
		"a ClusterIssuer in a namespace":         {"{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: a, namespace: b}, spec: {selfSigned: {}}}", []string{"C403 metadata.namespace"}},
		"an Issuer in a namespace":               {"{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: a, namespace: b}, spec: {selfSigned: {}}}", nil},
		"an unrelated ClusterIssuer":             {"{apiVersion: example.com/v1, kind: ClusterIssuer, metadata: {name: a, namespace: b}}", nil},
		"a Bundle in a namespace":                {"{apiVersion: trust.cert-manager.io/v1alpha1, kind: Bundle, metadata: {name: a, namespace: b}, spec: {sources: [{useDefaultCAs: true}]}}", []string{"C403 metadata.namespace"}},
		"an unrelated Bundle in a namespace":     {"{apiVersion: example.com/v1, kind: Bundle, metadata: {name: a, namespace: b}}", nil},
		"an unknown field":                       {"{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: a, namespace: b}, spec: {selfSigned: {}, extra: 1}}", []string{"C121 spec.extra"}},
		"an unknown field of an unrelated kind":  {"{apiVersion: example.com/v1, kind: Issuer, metadata: {name: a, namespace: b}, spec: {selfSigned: {}, extra: 1}}", nil},
		"an unknown field of a request":          {"{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {name: a, namespace: b}, spec: {extra: 1}}", nil},
		"sops beside the fields":                 {"{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: a, namespace: b}, spec: {selfSigned: {}}, sops: {mac: x}}", nil},
		"an old Ingress":                         {"{apiVersion: networking.k8s.io/v1beta1, kind: Ingress, metadata: {name: a}}", []string{"C124 apiVersion"}},
		"an old IngressClass":                    {"{apiVersion: networking.k8s.io/v1beta1, kind: IngressClass, metadata: {name: a}}", nil},
		"an old Challenge":                       {"{apiVersion: cert-manager.io/v1alpha2, kind: Challenge, metadata: {name: a}}", []string{"C124 apiVersion"}},
		"the old Secret of AKS":                  {"{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: default}, data: {ca1.crt: 'not base64!'}}", []string{"T302 data.ca1.crt"}},
		"a ConfigMap of that name":               {"{apiVersion: v1, kind: ConfigMap, metadata: {name: custom-ca-trust-secret, namespace: default}, data: {a: b}}", nil},
		"an unrelated Secret":                    {"{apiVersion: example.com/v1, kind: Secret, metadata: {name: custom-ca-trust-secret}, data: {ca1.crt: 'not base64!'}}", nil},
		"an unrelated ConfigMap":                 {"{apiVersion: example.com/v1, kind: ConfigMap, metadata: {name: a}, binaryData: {ca.crt: 'not base64!'}}", nil},
		"a Deployment without certificates":      {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {args: [ca, x]}}", nil},
		"an allowed finding that does not exist": {"{apiVersion: v1, kind: Service, metadata: {name: a, annotations: {kubectl-certs.dev/allow: 'C101, X1'}}}", []string{"C407 metadata.annotations.kubectl-certs.dev/allow"}},
		"allowed findings that are ones":         {"{apiVersion: v1, kind: Service, metadata: {name: a, annotations: {kubectl-certs.dev/allow: 'C101, T004'}}}", nil},
		"an Ingress that asks without TLS":       {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}}", []string{"C302 spec"}},
		"a minion that asks without TLS":         {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {cert-manager.io/issuer: x, nginx.org/mergeable-ingress-type: minion}}}", nil},
		"an Ingress of others that asks":         {"{apiVersion: example.com/v1, kind: Ingress, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}}", nil},
		"a Gateway of Istio that asks":           {"{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}, spec: {listeners: [{name: a, protocol: HTTPS}]}}", []string{"C308 metadata.annotations.cert-manager.io/issuer"}},
		"a listener without a host":              {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}, spec: {listeners: [{name: a, protocol: HTTPS}]}}", []string{"C305 spec.listeners[0]"}},
		"a listener for HTTP":                    {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}, spec: {listeners: [{name: a, protocol: HTTP}]}}", nil},
		"a listener that is ignored":             {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, annotations: {cert-manager.io/issuer: x, cert-manager.io/ignore-tls-listeners: 'b, a'}}, spec: {listeners: [{name: a, protocol: HTTPS}]}}", nil},
		"a listener for TLS that passes it on":   {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}, spec: {listeners: [{name: a, protocol: TLS, tls: {mode: Passthrough}}]}}", nil},
		"a listener without a request":           {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a}, spec: {listeners: [{name: a, protocol: HTTPS}]}}", nil},
		"a listener of another namespace":        {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, namespace: n, annotations: {cert-manager.io/issuer: x}}, spec: {listeners: [{name: a, hostname: a.shop.dev, protocol: HTTPS, tls: {mode: Terminate, certificateRefs: [{name: s, namespace: m}]}}]}}", []string{"C305 spec.listeners[0]"}},
		"a listener whose mode is filled later":  {"{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: a, annotations: {cert-manager.io/issuer: x}}, spec: {listeners: [{name: a, hostname: a.shop.dev, protocol: HTTPS, tls: {mode: '${MODE}'}}]}}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, line := range found(t, tt.object, now) {
				if !strings.HasPrefix(line, "C103") { // the issuer is not among them
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
