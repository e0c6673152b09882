package watch

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
)

// TestReadOrders: the Order of a certificate is that with the same certificate, and Orders are
// only read if cert-manager issued something.
func TestReadOrders(t *testing.T) {
	ca := catest.Root("ca")
	first, second := catest.PEM(ca.Leaf("a.example.com"), ca), catest.PEM(ca.Renewed().Leaf("b.example.com"), ca)
	secret := func(namespace, name, annotations string, cert []byte) string {
		return fmt.Sprintf("---\n{apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: {name: %s, namespace: %s, annotations: %s}, data: {tls.crt: %s, tls.key: ''}}\n",
			name, namespace, annotations, base64.StdEncoding.EncodeToString(cert))
	}
	order := func(name, status string) string {
		return fmt.Sprintf("---\n{apiVersion: acme.cert-manager.io/v1, kind: Order, metadata: {name: %s, namespace: shop}, status: %s}\n", name, status)
	}
	done := func(url string, cert []byte) string {
		return fmt.Sprintf("{url: %q, certificate: %s}", url, base64.StdEncoding.EncodeToString(cert))
	}
	const byCertManager, byUs = "{cert-manager.io/issuer-name: acme, cert-manager.io/issuer-kind: Issuer}", "{}"
	odd := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("odd")})
	orders := order("pending", "{url: https://ca.example/order/1}") + order("odd", done("https://ca.example/order/2", odd)) +
		order("other", done("https://ca.example/order/3", second)) + order("own", done("https://ca.example/order/4", first)) + order("no-url", done("", first))
	for name, tt := range map[string]struct {
		absent   []string // API groups
		objects  string
		refused  bool
		want     string
		requests int
		notes    []string
	}{
		"found":              {objects: secret("shop", "web-tls", byCertManager, first) + orders, want: "https://ca.example/order/4", requests: 1},
		"no Order of it":     {objects: secret("shop", "web-tls", byCertManager, first) + order("other", done("https://ca.example/order/3", second)), requests: 1},
		"not cert-manager's": {objects: secret("shop", "web-tls", byUs, first) + orders, want: ""},
		"not requested":      {objects: secret("shop", "other-tls", byCertManager, first) + orders, want: ""},
		"no Secret":          {objects: orders},
		"not served":         {absent: []string{"acme.cert-manager.io"}, objects: secret("shop", "web-tls", byCertManager, first)},
		"not allowed": {objects: secret("shop", "web-tls", byCertManager, first) + orders, refused: true, requests: 1,
			notes: []string{"no permission to list orders: a changed ACME server is not detected for cert-manager's certificates"}},
	} {
		for _, namespace := range []string{"shop", ""} {
			t.Run(name+" in "+namespace, func(t *testing.T) {
				c := startCluster(t, tt.absent...)
				c.put(t, tt.objects+issuerYAML("Issuer", "shop", "acme")+certificateYAML("shop", "web", "Issuer", "acme", "a.example.com"))
				asked := 0
				c.Before = func(r *http.Request) error {
					if !strings.HasSuffix(r.URL.Path, "/orders") {
						return nil
					}
					asked++
					if tt.refused {
						return apierrors.NewForbidden(schema.GroupResource{Resource: "orders"}, "", nil)
					}
					return nil
				}
				w := c.snapshot(namespace)
				for _, err := range []error{w.ReadDemand(t.Context()), w.ReadSecrets(t.Context()), w.ReadOrders(t.Context())} {
					if err != nil {
						t.Fatal(err)
					}
				}
				all, err := w.Entries(t.Context())
				if err != nil || len(all) != 1 {
					t.Fatal(all, err)
				}
				if got := all[0].Secret.OrderURL; got != tt.want || asked != tt.requests {
					t.Errorf("order %q after %d requests, want %q after %d", got, asked, tt.want, tt.requests)
				}
				if diff := cmp.Diff(tt.notes, w.Notes()); diff != "" {
					t.Errorf("notes (-want +got):\n%s", diff)
				}
			})
		}
	}
}
