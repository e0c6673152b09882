package operator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"sync"
	"testing"
	"time"

	cmacme "github.com/cert-manager/cert-manager/pkg/apis/acme/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// holding is an API server with Secrets, which answers for those named slow when
// release is closed, and knows none named missing.
type holding struct {
	asked   chan string // names of Secrets
	release chan struct{}
}

func (h holding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.URL.Path)
	h.asked <- name
	if name == "slow" {
		<-h.release
	}
	w.Header().Set("Content-Type", "application/json")
	if name == "missing" {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}`)
		return
	}
	fmt.Fprintf(w, `{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": %q}, "data": {"token": "c2VjcmV0LXRva2Vu"}}`, name)
}

func startSlowSecrets(t *testing.T) (*dnsSolvers, holding) {
	t.Helper()
	h := holding{asked: make(chan string, 100), release: make(chan struct{})}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	secrets, err := store.New(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return newDNSSolvers(issuerSecrets{secrets, "cert-manager"}, dns01.Options{Resolvers: []string{"127.0.0.1:9"}}), h
}

// issuerWithToken returns an issuer and its solver, with the name of their
// Secret.
func issuerWithToken(name string) (issuance.Issuer, *cmacme.ACMEChallengeSolver) {
	return issuance.Issuer{Kind: "Issuer", Namespace: "shop", Name: name}, &cmacme.ACMEChallengeSolver{
		DNS01: &cmacme.ACMEChallengeSolverDNS01{Cloudflare: &cmacme.ACMEIssuerDNS01ProviderCloudflare{
			APIToken: &cmmeta.SecretKeySelector{LocalObjectReference: cmmeta.LocalObjectReference{Name: name}, Key: "token"},
		}},
	}
}

type madeSolver struct {
	solver issuance.Solver
	err    error
}

func makeSolver(t *testing.T, solvers *dnsSolvers, name string, selector *cmacme.CertificateDNSNameSelector) chan madeSolver {
	made := make(chan madeSolver, 1)
	go func() {
		issuer, solver := issuerWithToken(name)
		solver.Selector = selector
		p, err := solvers.solver(t.Context(), issuer, solver)
		made <- madeSolver{p, err}
	}()
	return made
}

// soon receives what must come without the one that is held.
func soon[T any](t *testing.T, what string, from chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(time.Minute):
		t.Fatalf("waits for %s", what)
		panic("not reached")
	}
}

// TestSlowIssuer: an issuer whose DNS provider takes long to make keeps no other
// issuer waiting, and all who need it share it.
func TestSlowIssuer(t *testing.T) {
	solvers, h := startSlowSecrets(t)
	release := sync.OnceFunc(func() { close(h.release) })
	defer release()
	slow := []chan madeSolver{makeSolver(t, solvers, "slow", nil)}
	if name := soon(t, "the request", h.asked); name != "slow" {
		t.Fatalf("requested %s", name)
	}
	slow = append(slow, makeSolver(t, solvers, "slow", nil), makeSolver(t, solvers, "slow", &cmacme.CertificateDNSNameSelector{DNSZones: []string{"example.com"}}))
	if quick := soon(t, "the other issuer", makeSolver(t, solvers, "quick", nil)); quick.err != nil || quick.solver == nil {
		t.Errorf("got %+v", quick)
	}
	if record, err := solvers.permanentSolver(); err != nil || record == nil {
		t.Errorf("the solver by permanent records: %v, %v", record, err)
	}
	select {
	case got := <-slow[0]:
		t.Fatalf("the slow one is there already: %+v", got)
	default:
	}
	release()
	first := soon(t, "the slow issuer", slow[0])
	for _, one := range slow[1:] {
		if again := soon(t, "the slow issuer", one); again != first || again.err != nil {
			t.Errorf("got %+v and %+v", first, again)
		}
	}
	if len(h.asked) != 1 { // for the quick one
		t.Errorf("%d further requests", len(h.asked))
	}
}

// TestFailedSolverIsNotKept: a failure is not kept.
func TestFailedSolverIsNotKept(t *testing.T) {
	solvers, h := startSlowSecrets(t)
	for range 2 {
		got := soon(t, "the failure", makeSolver(t, solvers, "missing", nil))
		want := "solver: Issuer shop/missing: cloudflare: dns01: cloudflare.apiTokenSecretRef: read Secret missing: Secret shop/missing not found"
		if got.err == nil || got.err.Error() != want {
			t.Errorf("got  %v\nwant %s", got.err, want)
		}
		if name := soon(t, "the request", h.asked); name != "missing" {
			t.Errorf("requested %s", name)
		}
	}
	if len(solvers.byIssuer[plan.IssuerKey{Kind: "Issuer", Namespace: "shop", Name: "missing"}]) > 0 {
		t.Error("the failure is kept")
	}
}
