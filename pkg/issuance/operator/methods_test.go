package operator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
)

const (
	http01Solver     = `{http01: {ingress: {ingressClassName: nginx}}}`
	cloudflareSolver = `{dns01: {cloudflare: {apiTokenSecretRef: {name: token, key: token}}}}`
	route53Solver    = `{dns01: {route53: {region: eu-central-1}}, selector: {dnsZones: [example.org]}}`
)

func TestChooseMethod(t *testing.T) {
	all := []string{issuance.HTTP01, issuance.DNS01, issuance.TLSALPN01}
	for name, tt := range map[string]struct {
		mode    HTTP01Mode
		tlsALPN bool
		solvers string
		host    challengedName
		want    string
	}{
		"auto without a permanent route":   {HTTP01Auto, false, http01Solver, challengedName{"new.example.com", false, all}, "http-01 solver"},
		"auto with a permanent route":      {HTTP01Auto, false, http01Solver, challengedName{"web.example.com", false, all}, "http-01 static"},
		"static without a permanent route": {HTTP01Static, false, http01Solver, challengedName{"new.example.com", false, all}, "http-01 static"},
		"solver with a permanent route":    {HTTP01Solver, false, http01Solver, challengedName{"web.example.com", false, all}, "http-01 solver"},

		"TLS-ALPN-01 answered here":        {HTTP01Auto, true, http01Solver, challengedName{"web.example.com", false, all}, "tls-alpn-01"},
		"only TLS-ALPN-01 offered":         {HTTP01Auto, true, http01Solver, challengedName{"web.example.com", false, []string{issuance.TLSALPN01}}, "tls-alpn-01"},
		"TLS-ALPN-01 not offered":          {HTTP01Auto, true, http01Solver, challengedName{"web.example.com", false, []string{issuance.HTTP01}}, "http-01 static"},
		"TLS-ALPN-01 not answered here":    {HTTP01Auto, false, http01Solver, challengedName{"web.example.com", false, []string{issuance.TLSALPN01}}, "solver: web.example.com: no solver of Issuer shop/acme matches (the CA offers tls-alpn-01): add a solver whose selector matches"},
		"TLS-ALPN-01 not for IP addresses": {HTTP01Static, true, http01Solver, challengedName{"192.0.2.1", false, all}, "http-01 static"},

		"DNS-01":                  {HTTP01Auto, true, cloudflareSolver, challengedName{"web.example.com", false, all}, "dns-01 cloudflare"},
		"wildcard":                {HTTP01Auto, true, http01Solver + ", " + cloudflareSolver, challengedName{"example.com", true, []string{issuance.DNS01}}, "dns-01 cloudflare"},
		"the selector that fits":  {HTTP01Auto, false, cloudflareSolver + ", " + route53Solver, challengedName{"www.example.org", false, all}, "dns-01 route53"},
		"wildcard without DNS-01": {HTTP01Auto, false, http01Solver, challengedName{"example.com", true, []string{issuance.DNS01}}, "solver: *.example.com: no solver of Issuer shop/acme matches (the CA offers dns-01): add a dns01 solver whose selector matches"},
		"none of the types of solvers": {HTTP01Auto, false, cloudflareSolver, challengedName{"192.0.2.1", false, []string{issuance.TLSALPN01, issuance.HTTP01}},
			"solver: 192.0.2.1: no solver of Issuer shop/acme matches (the CA offers http-01, tls-alpn-01): add an http01 solver whose selector matches"},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := snapshotOf(t, "shop", issuer(tt.solvers)+certificate("web.example.com")+permanentRoute("web.example.com"))
			m := challengeMethods{snapshot: snapshot, http01: tt.mode, tlsALPN: tt.tlsALPN}
			method, err := m.choose(demandOf(t, snapshot), tt.host)
			got := method.String()
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMethodProperties: what a challenge writes is worse than a record that exists,
// and only this process's answers need permission.
func TestMethodProperties(t *testing.T) {
	for _, tt := range []struct {
		method           challengeMethod
		writes, responds bool
	}{
		{challengeMethod{kind: issuance.DNS01}, true, false},
		{challengeMethod{kind: issuance.HTTP01}, true, false},
		{challengeMethod{kind: issuance.HTTP01, static: true}, false, true},
		{challengeMethod{kind: issuance.TLSALPN01}, false, true},
	} {
		if tt.method.writes() != tt.writes || tt.method.responds() != tt.responds {
			t.Errorf("%+v: writes %v, responds %v", tt.method, tt.method.writes(), tt.method.responds())
		}
	}
}

func TestDescribeChallenges(t *testing.T) {
	for name, tt := range map[string]struct {
		solvers string
		names   []string
		want    []string
	}{
		"each method once":     {http01Solver, []string{"a.example.com", "b.example.com", "web.example.com"}, []string{"http-01 solver", "http-01 static"}},
		"wildcard and its own": {http01Solver + ", " + cloudflareSolver, []string{"*.example.com", "a.example.com"}, []string{"dns-01 cloudflare", "http-01 solver"}},
		"no solver":            {http01Solver, []string{"*.example.com"}, []string{"no solver for *.example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := snapshotOf(t, "shop", issuer(tt.solvers)+certificate(tt.names...)+permanentRoute("web.example.com"))
			got := challengeMethods{snapshot: snapshot, http01: HTTP01Auto}.describe(demandOf(t, snapshot))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
