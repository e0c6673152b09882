package dns01

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	webhooks "github.com/cert-manager/cert-manager/pkg/acme/webhook"
	"github.com/cert-manager/cert-manager/pkg/acme/webhook/apis/acme/v1alpha1"
	"github.com/cert-manager/cert-manager/pkg/acme/webhook/apiserver"
	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	apiext "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	genericapiserver "k8s.io/apiserver/pkg/server"
	kube "k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// solver is a webhook solver as written for cert-manager.
type webhookSolver struct {
	mu   sync.Mutex
	seen []v1alpha1.ChallengeRequest
}

func (s *webhookSolver) Name() string                                   { return "my-dns" }
func (s *webhookSolver) Initialize(*kube.Config, <-chan struct{}) error { return nil }

func (s *webhookSolver) Present(r *v1alpha1.ChallengeRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, *r)
	if strings.HasPrefix(r.ResolvedFQDN, "_acme-challenge.bad.") {
		return errors.New("the zone is locked")
	}
	return nil
}

func (s *webhookSolver) CleanUp(r *v1alpha1.ChallengeRequest) error { return s.Present(r) }

// apiServer is the API server of cert-manager's webhook library, without authentication.
func apiServer(t *testing.T, s *webhookSolver) func(ctx context.Context, group, solver string, payload []byte) ([]byte, error) {
	t.Helper()
	klog.SetLogger(logr.Discard())
	config := &apiserver.Config{
		GenericConfig: genericapiserver.NewRecommendedConfig(apiserver.Codecs),
		ExtraConfig:   apiserver.ExtraConfig{SolverGroup: "acme.example.com", Solvers: []webhooks.Solver{s}},
	}
	config.GenericConfig.ExternalAddress = "127.0.0.1:443"
	config.GenericConfig.LoopbackClientConfig = &kube.Config{}
	server, err := config.Complete().New()
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(server.GenericAPIServer.Handler)
	t.Cleanup(front.Close)
	return func(ctx context.Context, group, solver string, payload []byte) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, "POST", front.URL+"/apis/"+group+"/v1alpha1/"+solver, bytes.NewReader(payload))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if answer.StatusCode/100 != 2 {
			return nil, fmt.Errorf("%s: %s", answer.Status, bytes.TrimSpace(body))
		}
		return body, err
	}
}

func TestWebhook(t *testing.T) {
	s := &webhookSolver{}
	o := Options{Webhook: apiServer(t, s), Namespace: "cert-manager", Ambient: true}
	const text1 = "webhook: {groupName: acme.example.com, solverName: my-dns, config: {zone: z, secretRef: {name: x}}}"
	p := made(t, text1, nil, o)
	r := recordOf(shop, "one")
	if err := errors.Join(p.present(t.Context(), r), p.remove(t.Context(), r)); err != nil {
		t.Fatal(err)
	}
	want := v1alpha1.ChallengeRequest{
		UID: s.seen[0].UID, Action: "Present", Type: "dns-01", DNSName: "shop.example.com", Key: r.value,
		ResourceNamespace: "cert-manager", ResolvedFQDN: shop, ResolvedZone: "example.com.", AllowAmbientCredentials: true,
		Config: &apiext.JSON{Raw: []byte(`{"secretRef":{"name":"x"},"zone":"z"}`)},
	}
	gone := want
	gone.Action = "CleanUp"
	if diff := cmp.Diff([]v1alpha1.ChallengeRequest{want, gone}, s.seen); diff != "" || want.UID == "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if err := p.present(t.Context(), recordOf("_acme-challenge.bad.example.com.", "x")); text(err) != "the zone is locked" {
		t.Error(err)
	}
	other := made(t, strings.Replace(text1, "my-dns", "no-such", 1), nil, o)
	if err := other.present(t.Context(), r); !strings.HasPrefix(text(err), "404 Not Found: ") {
		t.Error(err)
	}
}

func TestWebhookAnswer(t *testing.T) {
	for body, want := range map[string]string{
		`{"response": {"uid": "1", "success": true}}`:                               "",
		`{"response": {"uid": "1", "success": false, "status": {"message": "no"}}}`: "no",
		`{"response": {"uid": "1", "success": false}}`:                              "the webhook failed without a message",
		`{"kind": "Status"}`: "the answer has no response",
		`<html>`:             "invalid ChallengePayload in the answer: invalid character '<' looking for beginning of value",
	} {
		if err := webhookAnswer([]byte(body)); text(err) != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// TestWebhookAsSolver uses the webhook through the Solver, twice.
func TestWebhookAsSolver(t *testing.T) {
	t.Parallel()
	w := newTestDNS(t, twoServers)
	w.serve(2, shop+" TXT "+value("shop.example.com"))
	w.serve(3, shop+" TXT "+value("shop.example.com"))
	s := &webhookSolver{}
	o := w.options()
	o.Webhook = apiServer(t, s)
	p, err := New(t.Context(), solverOf(t, "webhook: {groupName: acme.example.com, solverName: my-dns}"), nil, o)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Present(t.Context(), challenges("shop.example.com")); err != nil {
			t.Error(err)
		}
	}
	err = p.Present(t.Context(), challenges("bad.example.com"))
	if want := "challenge: bad.example.com: the webhook acme.example.com/my-dns: the zone is locked"; text(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for _, r := range s.seen {
		if r.ResolvedZone != "example.com." {
			t.Errorf("zone %q", r.ResolvedZone)
		}
	}
	if len(s.seen) != 2 {
		t.Errorf("asked %d times", len(s.seen))
	}
}
