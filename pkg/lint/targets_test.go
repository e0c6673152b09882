package lint_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/lint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
)

func never() error { return nil }

// ingress returns an Ingress that requests a certificate.
func ingress(name, issuer string) string {
	return "apiVersion: networking.k8s.io/v1\nkind: Ingress\n" +
		"metadata: {name: " + name + ", namespace: shop, annotations: {cert-manager.io/cluster-issuer: " + issuer + "}}\n" +
		"spec: {rules: [{host: " + name + ".shop.dev}], tls: [{hosts: [" + name + ".shop.dev], secretName: " + name + "}]}\n"
}

func file(t *testing.T, source, text string) position.Document {
	t.Helper()
	return position.Document{Source: source, Data: []byte(text), Objects: objects(t, []byte(text))}
}

func built(t *testing.T, source, text string) position.Document {
	t.Helper()
	return position.Document{Source: source, Objects: objects(t, []byte(text))}
}

// reports returns the findings with some IDs, as in a report.
func reports(found []lint.Merged, ids ...string) []string {
	var list []string
	for _, f := range found {
		for _, id := range ids {
			if r := f.Report(); f.ID == id {
				list = append(list, fmt.Sprintf("%s:%d %s %s %v %s", r.Position.Source, r.Position.Line, f.ID, r.Object, r.Scopes, r.File))
			}
		}
	}
	return list
}

// TestAllow: an allowed finding is a note, unless the API server rejects the
// object.
func TestAllow(t *testing.T) {
	found := make([]lint.Merged, 3)
	for i, id := range []string{"C203", "C203", "C204"} {
		found[i].ID, found[i].Severity, found[i].Firm = id, finding.Warning, i == 1
	}
	lint.Allow(found, []string{"C203"})
	want := []finding.Severity{finding.Note, finding.Warning, finding.Warning}
	for i, f := range found {
		if f.Severity != want[i] {
			t.Errorf("finding %d is a %s, want %s", i, f.Severity, want[i])
		}
	}
	if !lint.AtLeast(found, finding.Warning) || lint.AtLeast(found, finding.Error) || lint.AtLeast(found[:1], finding.Warning) {
		t.Errorf("the highest severity of %v is wrong", want)
	}
}

func TestTargetsAreMerged(t *testing.T) {
	asksNobody := ingress("web", "nobody")
	for name, tt := range map[string]struct {
		targets [][]position.Document
		want    []string
		objects int
	}{
		"none": {nil, nil, 0},
		"files keep their lines": {
			[][]position.Document{{file(t, "a.yaml", "# comment\n---\n"+asksNobody), file(t, "b.yaml", ingress("api", "nobody"))}},
			[]string{"a.yaml:3 C103 ClusterIssuer/nobody [] a.yaml"}, 2,
		},
		"a kustomization": {
			[][]position.Document{{built(t, "overlays/prod", asksNobody)}},
			[]string{"overlays/prod:0 C103 ClusterIssuer/nobody [] overlays/prod/kustomization.yaml"}, 1,
		},
		"all kustomizations": {
			[][]position.Document{{built(t, "x/overlays/prod", asksNobody)}, {built(t, "x/overlays/test", asksNobody)}},
			[]string{"x/overlays:0 C103 ClusterIssuer/nobody [] x/overlays/prod/kustomization.yaml"}, 1,
		},
		"some kustomizations": {
			[][]position.Document{{built(t, "x/a/prod", issuer)}, {built(t, "x/b/prod", asksNobody)}, {built(t, "x/c/prod", asksNobody)}},
			[]string{"x:0 C103 ClusterIssuer/nobody [b/prod c/prod] x/b/prod/kustomization.yaml"}, 2,
		},
		"nothing in common": {
			[][]position.Document{{built(t, "a", asksNobody)}, {built(t, "b", asksNobody)}},
			[]string{".:0 C103 ClusterIssuer/nobody [] a/kustomization.yaml"}, 1,
		},
		"a revision": {
			[][]position.Document{{file(t, "git:HEAD:a.yaml", asksNobody)}},
			[]string{"git:HEAD:a.yaml:1 C103 ClusterIssuer/nobody [] a.yaml"}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			found, n, err := lint.CheckTargets(lint.Targets{All: tt.targets}, now, never)
			if err != nil || n != tt.objects {
				t.Errorf("%d objects, %v, want %d", n, err, tt.objects)
			}
			if diff := cmp.Diff(tt.want, reports(found, "C103")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestIssuersOfOtherTargetsAreKnownWhereTheyAgree(t *testing.T) {
	other := strings.Replace(issuer, "x}", "y}", 1)
	for name, tt := range map[string]struct {
		targets [][]position.Document
		want    int
	}{
		"alone":           {[][]position.Document{{built(t, "a", ingress("web", "web"))}}, 1},
		"beside it":       {[][]position.Document{{built(t, "a", ingress("web", "web")), built(t, "a", issuer)}}, 0},
		"in another":      {[][]position.Document{{built(t, "a", ingress("web", "web"))}, {built(t, "b", issuer)}}, 0},
		"in two, alike":   {[][]position.Document{{built(t, "a", ingress("web", "web"))}, {built(t, "b", issuer)}, {built(t, "c", issuer)}}, 0},
		"in two, differs": {[][]position.Document{{built(t, "a", ingress("web", "web"))}, {built(t, "b", issuer)}, {built(t, "c", other)}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			found, _, err := lint.CheckTargets(lint.Targets{All: tt.targets}, now, never)
			if got := reports(found, "C103"); err != nil || len(got) != tt.want {
				t.Errorf("got %q, %v, want %d", got, err, tt.want)
			}
		})
	}
}

func TestUnlistedFilesAreCheckedForKeysOnly(t *testing.T) {
	key := "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: n}\nstringData:\n  tls.key: |\n    -----BEGIN PRIVATE KEY-----\n    h7Kq0ZxW3vTn8YbR\n    -----END PRIVATE KEY-----\n"
	found, n, err := lint.CheckTargets(lint.Targets{Unlisted: []position.Document{file(t, "old.yaml", ingress("web", "nobody")+"---\n"+key)}}, now, never)
	if err != nil || n != 0 {
		t.Errorf("%d objects, %v", n, err)
	}
	if len(found) != 1 || found[0].ID != "C401" || found[0].Position != (finding.Position{Source: "old.yaml", Line: 10, Field: "stringData.tls.key"}) {
		t.Errorf("got %+v", found)
	}
}

func TestCheckTargetsStops(t *testing.T) {
	_, _, err := lint.CheckTargets(lint.Targets{All: [][]position.Document{{file(t, "a.yaml", issuer)}}}, now, func() error { return context.Canceled })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTargetsAreEmptyWithoutObjects(t *testing.T) {
	for name, tt := range map[string]struct {
		targets [][]position.Document
		want    bool
	}{
		"no targets":    {nil, false},
		"no objects":    {[][]position.Document{{{Source: "a"}}, {{Source: "b"}}}, true},
		"some in one":   {[][]position.Document{{{Source: "a"}}, {file(t, "b.yaml", issuer)}}, false},
		"only unlisted": {nil, false},
	} {
		if got := (lint.Targets{All: tt.targets}).IsEmpty(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestEnvironmentsOfAFinding(t *testing.T) {
	f := func(id string, line int) lint.Finding {
		return lint.Finding{Finding: finding.Finding{ID: id, Position: finding.Position{Source: "certs.yaml", Line: line}}}
	}
	indexed := f("some", 1)
	indexed.Index = 7 // another object, of another environment
	m := lint.Merger{Environments: true}
	m.Begin("prod")
	m.Add(f("all", 9))
	m.Add(f("some", 1))
	m.Begin("staging")
	m.Add(f("all", 9))
	m.Begin("test")
	m.Add(f("all", 9))
	m.Add(f("all", 9))
	m.Add(indexed)
	m.BeginBase()
	m.Add(f("all", 9))
	m.Add(f("base", 1))
	var got []string
	for _, merged := range m.Findings() {
		got = append(got, fmt.Sprint(merged.ID, " ", merged.Scopes))
	}
	if diff := cmp.Diff([]string{"some [prod test]", "base [as it stands]", "all []"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
