package store_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

func kubeClient(t *testing.T, s *kubetest.Server) *kube.Client {
	t.Helper()
	client, err := kube.New(s.Config(), s.Mapper(), "default")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// key returns a new private key, and the CSR of a Certificate with it.
func key(t *testing.T, spec cm.CertificateSpec) (keyPEM, csrPEM []byte) {
	t.Helper()
	private, err := cmpki.GenerateRSAPrivateKey(2048)
	if err != nil {
		t.Fatal(err)
	}
	template, err := cmpki.GenerateCSR(&cm.Certificate{Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	der, err := cmpki.EncodeCSR(template, private)
	if err != nil {
		t.Fatal(err)
	}
	keyPEM, err = cmpki.EncodePrivateKey(private, cm.PKCS1)
	if err != nil {
		t.Fatal(err)
	}
	return keyPEM, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

// TestReleaseRequest: only the CertificateRequest that cert-manager compares the new Secret
// with, and finds different, is deleted.
func TestReleaseRequest(t *testing.T) {
	spec := cm.CertificateSpec{SecretName: "web", DNSNames: []string{"a.example.com"}}
	spec.IssuerRef.Name = "acme"
	keyPEM, sameKey := key(t, spec)
	_, otherKey := key(t, spec)
	certificate := func(name, status string) string {
		return fmt.Sprintf("{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: %s, namespace: default}, "+
			"spec: {secretName: web, dnsNames: [a.example.com], issuerRef: {name: acme}}, status: %s}", name, status)
	}
	request := func(name, revision, owner string, csr []byte) string {
		return fmt.Sprintf("{apiVersion: cert-manager.io/v1, kind: CertificateRequest, metadata: {name: %s, namespace: default, "+
			"annotations: {cert-manager.io/certificate-revision: %q}, ownerReferences: [{apiVersion: cert-manager.io/v1, kind: Certificate, name: x, uid: u-%s, controller: true}]}, "+
			"spec: {request: %s, issuerRef: {name: acme}}}", name, revision, owner, base64.StdEncoding.EncodeToString(csr))
	}
	for name, tt := range map[string]struct {
		objects []string
		by      string // the Certificate that requests it, "" for an Ingress
		broken  func(*http.Request) bool
		want    string
		err     string
	}{
		"no Certificate":               {},
		"never issued":                 {objects: []string{certificate("web", "{}"), request("web-1", "1", "web", otherKey)}},
		"no request":                   {objects: []string{certificate("web", "{revision: 1}")}},
		"another key":                  {objects: []string{certificate("web", "{revision: 1}"), request("web-1", "1", "web", otherKey)}, want: "web-1"},
		"the same key":                 {objects: []string{certificate("web", "{revision: 1}"), request("web-1", "1", "web", sameKey)}},
		"the same key, other names":    {objects: []string{strings.Replace(certificate("web", "{revision: 1}"), "a.example.com", "b.example.com", 1), request("web-1", "1", "web", sameKey)}, want: "web-1"},
		"an invalid CSR":               {objects: []string{certificate("web", "{revision: 1}"), request("web-1", "1", "web", []byte("odd"))}, want: "web-1"},
		"of another revision":          {objects: []string{certificate("web", "{revision: 2}"), request("web-1", "1", "web", otherKey)}},
		"under another name":           {objects: []string{certificate("web", "{revision: 2}"), request("web-x7f", "2", "web", otherKey)}, want: "web-x7f"},
		"of another Certificate":       {objects: []string{certificate("web", "{revision: 1}"), request("web-1", "1", "other", otherKey)}},
		"a Certificate of its name":    {objects: []string{certificate("own", "{revision: 3}"), request("own-3", "3", "own", otherKey)}, by: "own", want: "own-3"},
		"a Certificate not readable":   {broken: method(http.MethodGet), err: "read Certificate default/web: "},
		"a request that stays":         {objects: []string{certificate("web", "{revision: 1}"), request("web-1", "1", "web", otherKey)}, broken: method(http.MethodDelete), want: "web-1", err: "delete CertificateRequest/default/web-1: "},
		"requests that are not listed": {objects: []string{certificate("web", "{revision: 1}")}, broken: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/certificaterequests") }, err: "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t)
			client := kubeClient(t, server)
			uids := strings.NewReplacer()
			for _, text := range tt.objects {
				var o map[string]any
				if err := yaml.Unmarshal([]byte(uids.Replace(text)), &o); err != nil {
					t.Fatal(err)
				}
				made, err := client.Apply(t.Context(), o, metav1.ApplyOptions{FieldManager: "cert-manager", Force: true})
				if err != nil {
					t.Fatal(err)
				}
				uids = strings.NewReplacer("u-"+made.Name(), string((&unstructured.Unstructured{Object: made}).GetUID()))
			}
			if tt.broken != nil {
				server.Before = broken(tt.broken)
			}
			d := &issuance.Demand{Ref: issuance.Ref{Namespace: "default", Name: "web"}}
			if tt.by != "" {
				d.By = plan.Source{Kind: "Certificate", Namespace: "default", Name: tt.by}
			}
			got, err := store.NewCertificateRequests(client).Release(t.Context(), d, keyPEM)
			if got != tt.want || (err != nil) != (tt.err != "") || !strings.Contains(text(err), tt.err) {
				t.Errorf("deleted %q, %v, want %q, %s", got, err, tt.want, tt.err)
			}
			left, err := store.NewCertificateRequests(client).Release(t.Context(), d, keyPEM)
			if tt.err == "" && (left != "" || err != nil) {
				t.Errorf("a second time %q, %v", left, err)
			}
		})
	}
	t.Run("no cert-manager", func(t *testing.T) {
		client := kubeClient(t, kubetest.Start(t, "cert-manager.io"))
		d := &issuance.Demand{Ref: issuance.Ref{Namespace: "default", Name: "web"}}
		if got, err := store.NewCertificateRequests(client).Release(t.Context(), d, keyPEM); got != "" || err != nil {
			t.Errorf("deleted %q, %v", got, err)
		}
	})
}
