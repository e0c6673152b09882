package cluster

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// answers is an API server: what it says to each "METHOD path", 404 to others.
type answers map[string]http.HandlerFunc

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := a[r.Method+" "+r.URL.Path]
	if answer == nil {
		answer = status(http.StatusNotFound, metav1.StatusReasonNotFound)
	}
	w.Header().Set("Content-Type", "application/json")
	answer(w, r)
}

func status(code int, reason metav1.StatusReason) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":%q,"message":"the server says %d","code":%d}`, reason, code, code)
	}
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

// hang answers nothing until the client gives up, which the server notices
// when it has read the request.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// clientOf is a client of a server that has these kinds.
func clientOf(t *testing.T, server http.Handler, kinds ...schema.GroupVersionKind) *Client {
	t.Helper()
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range kinds {
		mapper.Add(kind, meta.RESTScopeNamespace)
	}
	c, err := New(&rest.Config{Host: s.URL}, mapper, "default")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCertManager: only a Lease that is not there, or not held, means that
// nobody runs cert-manager.
func TestCertManager(t *testing.T) {
	lease := func(namespace, holder string, renewed time.Time) string {
		return fmt.Sprintf(`{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":%q,"name":"cert-manager-controller"},
			"spec":{"holderIdentity":%q,"leaseDurationSeconds":60,"renewTime":%q}}`, namespace, holder, renewed.UTC().Format(metav1.RFC3339Micro))
	}
	list := func(items ...string) http.HandlerFunc {
		return body(`{"apiVersion":"coordination.k8s.io/v1","kind":"LeaseList","items":[` + strings.Join(items, ",") + `]}`)
	}
	forbidden := status(http.StatusForbidden, metav1.StatusReasonForbidden)
	const (
		all     = "GET /apis/coordination.k8s.io/v1/leases"
		system  = "GET /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/cert-manager-controller"
		another = "GET /apis/coordination.k8s.io/v1/namespaces/cert-manager/leases/cert-manager-controller"
	)
	for name, tt := range map[string]struct {
		server answers
		want   string
		err    string // a part of it
	}{
		"none":                       {server: answers{all: list()}},
		"listed":                     {server: answers{all: list(lease("ops", "cm-1", time.Now()))}, want: "Lease ops/cert-manager-controller, held by cm-1"},
		"run out":                    {server: answers{all: list(lease("ops", "cm-1", time.Now().Add(-time.Hour)))}},
		"given back":                 {server: answers{all: list(lease("ops", "", time.Now()))}},
		"the list fails":             {server: answers{all: status(http.StatusInternalServerError, metav1.StatusReasonInternalError)}, err: "list leases: the cluster does not answer: "},
		"not logged in":              {server: answers{all: status(http.StatusUnauthorized, metav1.StatusReasonUnauthorized)}, err: "list leases: "},
		"no list, and not there":     {server: answers{all: forbidden}},
		"no list, in kube-system":    {server: answers{all: forbidden, system: body(lease("kube-system", "cm-1", time.Now()))}, want: "Lease kube-system/cert-manager-controller, held by cm-1"},
		"no list, in cert-manager":   {server: answers{all: forbidden, another: body(lease("cert-manager", "cm-1", time.Now()))}, want: "Lease cert-manager/cert-manager-controller, held by cm-1"},
		"no list, run out":           {server: answers{all: forbidden, another: body(lease("cert-manager", "cm-1", time.Now().Add(-time.Hour)))}},
		"no list, forbidden":         {server: answers{all: forbidden, system: forbidden}, err: "read Lease kube-system/cert-manager-controller: the server says 403"},
		"no list, second forbidden":  {server: answers{all: forbidden, another: forbidden}, err: "read Lease cert-manager/cert-manager-controller: the server says 403"},
		"no list, 500":               {server: answers{all: forbidden, another: status(http.StatusInternalServerError, metav1.StatusReasonInternalError)}, err: "read Lease cert-manager/cert-manager-controller: the cluster does not answer: the server says 500"},
		"no list, 504":               {server: answers{all: forbidden, system: status(http.StatusGatewayTimeout, metav1.StatusReasonTimeout)}, err: "read Lease kube-system/cert-manager-controller: the cluster does not answer: the server says 504"},
		"no list, no answer":         {server: answers{all: forbidden, another: hang}, err: "context deadline exceeded"},
		"no list, not a Kubernetes":  {server: answers{all: forbidden, system: body("<html>")}, err: "read Lease kube-system/cert-manager-controller: "},
		"no list, connection broken": {server: answers{all: forbidden, system: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}, err: "read Lease kube-system/cert-manager-controller: the cluster does not answer: "},
	} {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, tt.server, schema.GroupVersionKind{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"})
			timeout := time.Minute
			if tt.err == "context deadline exceeded" {
				timeout = 500 * time.Millisecond
			}
			ctx, stop := context.WithTimeout(t.Context(), timeout)
			defer stop()
			got, err := c.CertManager(ctx)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	t.Run("no Leases at all", func(t *testing.T) {
		if got, err := clientOf(t, answers{}).CertManager(t.Context()); got != "" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}
