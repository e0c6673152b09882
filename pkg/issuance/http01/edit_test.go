package http01

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/apitest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestEditIngress: after a conflict, the edit is repeated with the current version; it fails if
// conflicts do not end.
func TestEditIngress(t *testing.T) {
	usual := conflictBackoff
	conflictBackoff.Duration, conflictBackoff.Factor = time.Millisecond, 1
	defer func() { conflictBackoff = usual }()
	const ingress = "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web"
	for name, tt := range map[string]struct {
		conflicts, writes int
		err               string
	}{
		"at once":   {writes: 1},
		"third try": {conflicts: 2, writes: 3},
		"never":     {conflicts: 1000, writes: conflictBackoff.Steps, err: "edit Ingress shop/web: the server says 409"},
	} {
		t.Run(name, func(t *testing.T) {
			version, writes := 0, 0
			server := apitest.Answers{
				"GET " + ingress: func(w http.ResponseWriter, _ *http.Request) {
					version++
					fmt.Fprintf(w, `{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"namespace":"shop","name":"web","resourceVersion":"%d"}}`, version)
				},
				"PUT " + ingress: func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					if writes++; !strings.Contains(string(body), fmt.Sprintf(`"resourceVersion":"%d"`, version)) || !strings.Contains(string(body), `"edited":"yes"`) {
						t.Errorf("wrote %s", body)
					}
					if writes <= tt.conflicts {
						apitest.Status(http.StatusConflict, metav1.StatusReasonConflict)(w, r)
						return
					}
					_, _ = w.Write(body)
				},
			}
			client, err := kube.New(apitest.Serve(t, server), apitest.Mapper(ingressKind), "default")
			if err != nil {
				t.Fatal(err)
			}
			s := Solver{Client: client, For: issuance.Ref{Namespace: "shop", Name: "web-tls"}}
			err = s.editIngress(t.Context(), "web", func(o manifest.Object) bool {
				o["spec"] = map[string]any{"edited": "yes"}
				return true
			})
			text := ""
			if err != nil {
				text = err.Error()
			}
			if text != tt.err || writes != tt.writes {
				t.Errorf("%d writes, error %q", writes, text)
			}
		})
	}
}
