package operator

import (
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/acmetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/dns01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/http01"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/responder"
)

// TestNamesOfOneMethodAreValidatedTogether: names are validated together where one
// solver can, so that their records or objects are made at once.
func TestNamesOfOneMethodAreValidatedTogether(t *testing.T) {
	snapshot := snapshotOf(t, "shop", issuer(http01Solver)+certificate("web.example.com")+permanentRoute("web.example.com"))
	static := responder.HTTP{Responder: &responder.Responder{}}
	s := &solvers{
		methods: challengeMethods{snapshot: snapshot, http01: HTTP01Auto}, http: static, tlsALPN: &responder.TLSALPN{},
		dns: newDNSSolvers(issuerSecrets{}, dns01.Options{}), image: "solver:v1",
	}
	choose := s.choose(t.Context(), demandOf(t, snapshot), nil)
	solver := func(name string) issuance.ChosenSolver {
		t.Helper()
		got, err := choose(name, false, []string{issuance.HTTP01, issuance.DNS01})
		if err != nil || got.Type != issuance.HTTP01 {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		return got
	}
	if got := solver("web.example.com"); got.Solver != issuance.Solver(static) {
		t.Errorf("the name with a permanent route is proved by %T", got.Solver)
	}
	first, second := solver("a.example.com"), solver("b.example.com")
	objects, ok := first.Solver.(*http01.Solver)
	if !ok || first.Solver != second.Solver {
		t.Fatalf("got %T and %T", first.Solver, second.Solver)
	}
	if objects.Image != "solver:v1" || objects.For != (issuance.Ref{Namespace: "shop", Name: "web-tls"}) || *objects.Config.Ingress.IngressClassName != "nginx" {
		t.Errorf("solver objects %+v", objects)
	}
}

// TestSelfCheckNameServers: the self-check of a solver pod asks the operator's name servers.
func TestSelfCheckNameServers(t *testing.T) {
	names := acmetest.StartDNS(t)
	o := openShop(t).operator(func(options *Options) {
		options.HTTP01, options.HTTP01Resolvers = HTTP01Solver, []string{names.Address}
	})
	snapshot := snapshotOf(t, "shop", issuer(http01Solver)+certificate("web.example.com"))
	choose := o.solvers.choose(t.Context(), demandOf(t, snapshot), nil)
	chosen, err := choose("web.example.com", false, []string{issuance.HTTP01})
	if err != nil {
		t.Fatal(err)
	}
	solver := chosen.Solver.(*http01.Solver)
	const host = "missing.example.com"
	err = solver.Explain(t.Context(), host, solver.See(t.Context(), issuance.Challenge{Name: host, Token: "t"}))
	if want := "lookup missing.example.com. on " + names.Address + ": no such host"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}
