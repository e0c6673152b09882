package watch

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/apitest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// clientOf returns a client of a server that serves these kinds.
func clientOf(t *testing.T, server http.Handler, kinds ...schema.GroupVersionKind) *kube.Client {
	t.Helper()
	c, err := kube.New(apitest.Serve(t, server), apitest.Mapper(kinds...), "default")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCertManager: only a Lease that is missing or not held means that cert-manager does not
// run.
func TestCertManager(t *testing.T) {
	lease := func(namespace, holder string, renewed time.Time) string {
		return fmt.Sprintf(`{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":%q,"name":"cert-manager-controller"},
			"spec":{"holderIdentity":%q,"leaseDurationSeconds":60,"renewTime":%q}}`, namespace, holder, renewed.UTC().Format(metav1.RFC3339Micro))
	}
	list := func(items ...string) http.HandlerFunc {
		return apitest.Body(`{"apiVersion":"coordination.k8s.io/v1","kind":"LeaseList","items":[` + strings.Join(items, ",") + `]}`)
	}
	forbidden := apitest.Status(http.StatusForbidden, metav1.StatusReasonForbidden)
	const (
		all     = "GET /apis/coordination.k8s.io/v1/leases"
		system  = "GET /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/cert-manager-controller"
		another = "GET /apis/coordination.k8s.io/v1/namespaces/cert-manager/leases/cert-manager-controller"
	)
	for name, tt := range map[string]struct {
		server apitest.Answers
		want   string
		err    string // a substring
	}{
		"none":                       {server: apitest.Answers{all: list()}},
		"listed":                     {server: apitest.Answers{all: list(lease("ops", "cm-1", time.Now()))}, want: "Lease ops/cert-manager-controller, held by cm-1"},
		"run out":                    {server: apitest.Answers{all: list(lease("ops", "cm-1", time.Now().Add(-time.Hour)))}},
		"given back":                 {server: apitest.Answers{all: list(lease("ops", "", time.Now()))}},
		"the list fails":             {server: apitest.Answers{all: apitest.Status(http.StatusInternalServerError, metav1.StatusReasonInternalError)}, err: "list leases: cluster not reachable: "},
		"not logged in":              {server: apitest.Answers{all: apitest.Status(http.StatusUnauthorized, metav1.StatusReasonUnauthorized)}, err: "list leases: "},
		"no list, and not there":     {server: apitest.Answers{all: forbidden}},
		"no list, in kube-system":    {server: apitest.Answers{all: forbidden, system: apitest.Body(lease("kube-system", "cm-1", time.Now()))}, want: "Lease kube-system/cert-manager-controller, held by cm-1"},
		"no list, in cert-manager":   {server: apitest.Answers{all: forbidden, another: apitest.Body(lease("cert-manager", "cm-1", time.Now()))}, want: "Lease cert-manager/cert-manager-controller, held by cm-1"},
		"no list, run out":           {server: apitest.Answers{all: forbidden, another: apitest.Body(lease("cert-manager", "cm-1", time.Now().Add(-time.Hour)))}},
		"no list, forbidden":         {server: apitest.Answers{all: forbidden, system: forbidden}, err: "read Lease kube-system/cert-manager-controller: the server says 403"},
		"no list, second forbidden":  {server: apitest.Answers{all: forbidden, another: forbidden}, err: "read Lease cert-manager/cert-manager-controller: the server says 403"},
		"no list, 500":               {server: apitest.Answers{all: forbidden, another: apitest.Status(http.StatusInternalServerError, metav1.StatusReasonInternalError)}, err: "read Lease cert-manager/cert-manager-controller: cluster not reachable: the server says 500"},
		"no list, 504":               {server: apitest.Answers{all: forbidden, system: apitest.Status(http.StatusGatewayTimeout, metav1.StatusReasonTimeout)}, err: "read Lease kube-system/cert-manager-controller: cluster not reachable: the server says 504"},
		"no list, no answer":         {server: apitest.Answers{all: forbidden, another: apitest.Hang}, err: "context deadline exceeded"},
		"no list, not a Kubernetes":  {server: apitest.Answers{all: forbidden, system: apitest.Body("<html>")}, err: "read Lease kube-system/cert-manager-controller: "},
		"no list, connection broken": {server: apitest.Answers{all: forbidden, system: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}, err: "read Lease kube-system/cert-manager-controller: cluster not reachable: "},
	} {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, tt.server, schema.GroupVersionKind{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"})
			timeout := time.Minute
			if tt.err == "context deadline exceeded" {
				timeout = 500 * time.Millisecond
			}
			ctx, stop := context.WithTimeout(t.Context(), timeout)
			defer stop()
			got, err := CertManager(ctx, c)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	t.Run("no Leases at all", func(t *testing.T) {
		if got, err := CertManager(t.Context(), clientOf(t, apitest.Answers{})); got != "" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
