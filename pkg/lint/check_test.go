package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestRules: every rule is complete, and they are in order.
func TestRules(t *testing.T) {
	var ids []string
	for _, r := range lint.Rules() {
		ids = append(ids, r.ID)
		if r.What == "" || r.Fix == "" || r.Severity == "" || !strings.HasSuffix(r.Why, ".") || strings.HasSuffix(r.Fix, ".") {
			t.Errorf("%s: leaves something out, or its reason is not a sentence, or its fix is one: %+v", r.ID, r)
		}
		if got, known := lint.RuleOf(r.ID); !known || got != r {
			t.Errorf("RuleOf(%s) = %+v", r.ID, got)
		}
		if _, taken := cabundle.RuleOf(r.ID); taken {
			t.Errorf("%s is an ID of trust", r.ID)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(lint.Rules()) {
		t.Errorf("not in order, or duplicates: %q", ids)
	}
	if r, known := lint.RuleOf("T004"); !known || r.What != "expired" || r.Severity != finding.Error {
		t.Errorf("RuleOf(T004) = %+v, %v", r, known)
	}
	if _, known := lint.RuleOf("X1"); known {
		t.Error("X1 is known")
	}
}

const issuer = `apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: web}
spec: {acme: {server: https://acme-v02.api.letsencrypt.org/directory, privateKeySecretRef: {name: x}, solvers: [{http01: {ingress: {}}}]}}
`

// hosts writes n Ingresses, each with a host below a domain.
func hosts(n int, domain string) []byte {
	var b strings.Builder
	b.WriteString(issuer)
	for i := range n {
		fmt.Fprintf(&b, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n"+
			"metadata: {name: h%[1]d, namespace: shop, annotations: {cert-manager.io/cluster-issuer: web}}\n"+
			"spec: {rules: [{host: h%[1]d.%[2]s}], tls: [{hosts: [h%[1]d.%[2]s], secretName: h%[1]d}]}\n", i, domain)
	}
	return []byte(b.String())
}

// TestWeeks: C119 counts by registered domain, as Let's Encrypt's limits
// do.
func TestWeeks(t *testing.T) {
	for n, want := range map[int]string{
		50:  "",
		51:  "warning C119: ClusterIssuer/web: shop.co.uk: 51 certificates, but Let's Encrypt issues 50 in 7 days; issuing all takes at least 1 week",
		151: "warning C119: ClusterIssuer/web: shop.co.uk: 151 certificates, but Let's Encrypt issues 50 in 7 days; issuing all takes at least 3 weeks",
	} {
		var lines []string
		for _, f := range lint.Check(objects(t, hosts(n, "a.shop.co.uk")), nil, now) {
			lines = append(lines, f.String())
		}
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%d hosts: %s\nwant %s", n, got, want)
		}
	}
}

// TestSameFindingsAsTrustInspect: lint has the findings of trust inspect for a manifest, except
// those about a file that is one bundle.
func TestSameFindingsAsTrustInspect(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "trust", "*.yaml"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	twoObjects := filepath.Join("..", "..", "testdata", "trust", "documents.yaml") // one bundle for inspect
	exceptions := map[string]string{
		"configmap-damaged.yaml": "T303", // the key does not match isCAName
		"secret-templated.yaml":  "T302", // a placeholder
	}
	compared := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inspected, err := cabundle.Read(file, data, "", "changeit")
		var b overlay.Builder
		parsed, parseErr := b.Objects(file, data)
		if err != nil || parseErr != nil {
			continue // unreadable
		}
		if strings.HasSuffix(file, "secret-tls-no-ca.yaml") {
			continue // a server's certificate is not a bundle
		}
		compared++
		var want, got []string
		for _, f := range cabundle.Check(inspected, cabundle.Generic, now) {
			if f.ID != "T121" && f.ID != exceptions[filepath.Base(file)] && f.ID != "T111" && f.Position.Source+f.ID != twoObjects+"T014" { // not PEM; keys are C401
				want = append(want, f.ID)
			}
		}
		for _, f := range lint.Check(parsed, nil, now) {
			if strings.HasPrefix(f.ID, "T") && f.ID != "T204" && f.ID != "T205" {
				got = append(got, f.ID)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(slices.Compact(want), slices.Compact(got)); diff != "" {
			t.Errorf("%s (-inspect +lint)\n%s", filepath.Base(file), diff)
		}
	}
	if compared < 20 {
		t.Errorf("only %d files were compared", compared)
	}
}

// BenchmarkCheck: work grows with the number of routes.
func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 1000, 10000} {
		routes := objects(b, hosts(n, "shop.dev"))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if found := lint.Check(routes, nil, now); len(found) != 1 {
					b.Fatalf("%d findings", len(found))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "us/route")
		})
	}
}
