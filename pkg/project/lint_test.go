package project

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
)

func lintFile(t *testing.T, o Options) LintResult {
	t.Helper()
	doc, err := Parse(o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Lint(t.Context(), o, doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// positions are the findings of a result: where, how severe, which, and in what
// environments if not in all.
func positions(o Options, found []lint.Merged) []string {
	var list []string
	for _, f := range found {
		line := fmt.Sprintf("%s:%d %s %s %s", relative(o, f.Position.Source), f.Position.Line, f.Severity, f.ID, f.Object)
		if f.Scopes != nil {
			line += " in " + strings.Join(f.Scopes, ", ")
		}
		if f.Firm {
			line += ", firm"
		}
		list = append(list, line)
	}
	return list
}

// TestLintTrust: findings about CA files have the lines of these, and those about
// an entry that of the entry; what generate repairs is a note.
func TestLintTrust(t *testing.T) {
	for name, tt := range map[string]struct {
		entries string
		files   []string
		want    []string
		roots   int
	}{
		"good":     {"- {name: a, from: [one.pem], to: {configmap: {}}}\n", []string{"one.pem"}, nil, 1},
		"expired":  {"- {name: a, from: [expired.pem], to: {configmap: {}}}\n", []string{"expired.pem"}, []string{"expired.pem:1 error T004 trust/a"}, 1},
		"repaired": {"- {name: a, from: [crlf.pem], to: {aks: {}}}\n", []string{"crlf.pem"}, []string{"crlf.pem:1 note T101 trust/a", "crlf.pem:9 note T103 trust/a"}, 2},
		"dropped":  {"- {name: a, from: [key-and-root.pem], to: {configmap: {}}}\n", []string{"key-and-root.pem"}, []string{"key-and-root.pem:1 error T111 trust/a"}, 1},
		"the entry": {"- {name: a, from: [one.pem], to: {configmap: {}}}\n- {name: b, from: [one.pem], to: {aks-secret: {}}}\n", []string{"one.pem"},
			[]string{"certs.yaml:5 warning T301 trust/b"}, 1},
		"for a target": {"- {name: a, from: [version-1.pem], allow: [T013], to: {cluster-trust-bundle: {}}}\n", []string{"version-1.pem"},
			[]string{"version-1.pem:1 error T013 trust/a, firm"}, 1},
		"in an environment": {"- {name: a, from: [one.pem], to: {configmap: {}}}\nenvironments:\n- name: dev\n  trust: {a: {from: [expired.pem]}}\n- name: prod\n", []string{"one.pem", "expired.pem"},
			[]string{"expired.pem:1 error T004 trust/a in dev"}, 2},
		"as it stands": {"- {name: a, from: [expired.pem], to: {configmap: {}}}\nenvironments:\n- name: dev\n  trust: {a: {from: [one.pem]}}\n- name: prod\n  trust: {a: {from: [one.pem]}}\n", []string{"one.pem", "expired.pem"},
			[]string{"expired.pem:1 error T004 trust/a in as it stands"}, 1},
		"no more than warnings as it stands": {"- {name: a, from: [version-1.pem], to: {configmap: {}}}\nenvironments:\n- name: dev\n  trust: {a: {from: [one.pem]}}\n", []string{"one.pem", "version-1.pem"}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := fillTrust(t, tt.entries, tt.files...)
			r := lintFile(t, o)
			var got []string
			for _, line := range positions(o, r.Findings) {
				if !strings.Contains(line, " note T204 ") && !strings.Contains(line, " note T205 ") { // said of every CA for AKS
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(r.Roots) != tt.roots || r.Failed != nil {
				t.Errorf("%d roots, want %d; failed: %v", len(r.Roots), tt.roots, r.Failed)
			}
		})
	}
}

// TestLintLines: a finding about an object has the line of the entry that the
// object is made from, and each object counts once.
func TestLintLines(t *testing.T) {
	const file = header + `issuers:
- {name: corp, kind: Issuer, namespace: shop, ca: {secretName: corp}}
- {name: web, acme: {server: letsencrypt, email: me@example.com, profile: tlsserver, solvers: [{http01: {}}]}}
certificates:
- {name: good, namespace: shop, dnsNames: [a.example.com], issuer: web}
- {name: long, namespace: shop, dnsNames: [b.example.com], issuer: web, duration: 2160h}
expose:
- {name: good, namespace: shop, host: c.example.com, className: traefik, issuer: web, routes: [{path: /, service: s, port: 80}]}
- {name: db, namespace: shop, host: db.internal, className: traefik, certificate: explicit, issuer: web, routes: [{path: /, service: s, port: 80}]}
- {name: ui, namespace: shop, host: d.example.com, className: traefik, issuer: web, duration: 2160h, routes: [{path: /, service: s, port: 80}]}
environments:
- {name: dev, issuers: {web: {acme: {server: letsencrypt-staging}}}}
- {name: prod}
`
	o := fill(t, map[string]string{"certs.yaml": file})
	r := lintFile(t, o)
	want := []string{
		"certs.yaml:5 error C204 ClusterIssuer/web",
		"certs.yaml:8 note C110 Certificate/shop/long",
		"certs.yaml:11 error C114 Certificate/shop/db-tls",
		"certs.yaml:12 note C110 Ingress/shop/ui",
		"certs.yaml:14 note C203 ClusterIssuer/web in dev",
	}
	if diff := cmp.Diff(want, positions(o, r.Findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Objects != 8 {
		t.Errorf("%d objects, want 8", r.Objects)
	}
}

// TestLintFailed: a CA file that cannot be read does not hide the findings about
// the others.
func TestLintFailed(t *testing.T) {
	o := fillTrust(t, "- {name: a, from: [missing.pem, expired.pem], to: {configmap: {}}}\n", "expired.pem")
	r := lintFile(t, o)
	if diff := cmp.Diff([]string{"expired.pem:1 error T004 trust/a"}, positions(o, r.Findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("certs.yaml:4: trust[0].from[0]: missing.pem: no such file or folder", relative(o, text(r.Failed))); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
}

// TestLintRefuses: an unknown environment, and nothing is checked once the
// context has ended.
func TestLintRefuses(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	doc, err := Parse(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Lint(ctx, o, doc, nil); err != context.Canceled {
		t.Errorf("after the end: %v", err)
	}
	o.Environment = "qa"
	if _, err := Lint(t.Context(), o, doc, nil); !strings.HasPrefix(text(err), `no environment "qa" in `) {
		t.Errorf("an unknown environment: %v", err)
	}
}
