package project

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestChecker: findings about CA certificates are collected in each environment,
// and those for which generate refuses the file as it stands.
func TestChecker(t *testing.T) {
	const entries = `- {name: a, from: [one.pem, expired.pem], to: {configmap: {}}}
- {name: b, from: [key-and-root.pem, missing.pem], allow: [T111], to: {aks: {}}}
environments:
- name: dev
  trust: {a: {from: [one.pem]}}
- name: prod
`
	const ofB = "b[1].0 note T111, b[1].0 note T204, b[1].0 note T205, b[1].0 error T103"
	for name, tt := range map[string]struct {
		environment string
		want        []string
	}{
		"all": {"", []string{
			"dev: " + ofB,
			"prod: a[0].1 error T004 rejected, " + ofB,
			"base: a[0].1 error T004 rejected",
		}},
		"one": {"dev", []string{
			"dev: " + ofB,
			"base: a[0].1 error T004 rejected",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := fillTrust(t, entries, "one.pem", "expired.pem", "key-and-root.pem")
			o.Environment = tt.environment
			doc, err := Parse(o)
			if err != nil {
				t.Fatal(err)
			}
			o.Report = func(text string) { t.Errorf("reported %s", text) }
			c := newChecker(o, doc)
			environments, err := c.environments()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range environments {
				check := c.check(t.Context(), e)
				got = append(got, e.Name+": "+listed(check.findings))
				if len(check.roots["b"]) != 1 || len(check.objects) != 1 {
					t.Errorf("%s: %d certificates in b, %d objects", e.Name, len(check.roots["b"]), len(check.objects))
				}
			}
			got = append(got, "base: "+listed(c.base(t.Context())))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if wrong := text(c.err()); strings.Count(wrong, "missing.pem: no such file or folder") != len(environments)+1 {
				t.Errorf("errors\n%s", wrong)
			}
		})
	}
}

func listed(findings []caFinding) string {
	list := make([]string, len(findings))
	for i, f := range findings {
		list[i] = fmt.Sprintf("%s[%d].%d %s %s", f.entry, f.index, f.from, f.finding.Severity, f.finding.ID)
		if f.rejected {
			list[i] += " rejected"
		}
		if f.firm {
			list[i] += " firm"
		}
	}
	return strings.Join(list, ", ")
}

// TestCheckerEnvironments: an environment that a file does not have is an error,
// also the one that generate calls default.
func TestCheckerEnvironments(t *testing.T) {
	const plain = header + "issuers: [{name: web, ca: {secretName: ca}}]\n"
	for name, tt := range map[string]struct{ file, environment, want, wrong string }{
		"all":                  {issuers, "", "staging prod", ""},
		"one":                  {issuers, "prod", "prod", ""},
		"an unknown one":       {issuers, "qa", "", `no environment "qa" in certs.yaml; it has staging, prod`},
		"a file without any":   {plain, "", "", ""},
		"one where there none": {plain, "default", "", `no environment "default" in certs.yaml; it has none`},
	} {
		t.Run(name, func(t *testing.T) {
			o := fill(t, map[string]string{"certs.yaml": tt.file})
			o.Environment = tt.environment
			doc, err := Parse(o)
			if err != nil {
				t.Fatal(err)
			}
			c := newChecker(o, doc)
			environments, err := c.environments()
			if diff := cmp.Diff(tt.wrong, relative(o, text(err))); diff != "" {
				t.Fatalf("error (-want +got):\n%s", diff)
			}
			var names []string
			for _, e := range environments {
				names = append(names, e.Name)
			}
			if diff := cmp.Diff(tt.want, strings.Join(names, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if base := c.base(t.Context()); base != nil {
				t.Errorf("the file as it stands: %v", base)
			}
			if err == nil && slices.Equal(names, []string{""}) && len(c.check(t.Context(), environments[0]).objects) != 1 {
				t.Error("the file as it stands has no object")
			}
		})
	}
}

// TestCheckerOfAKS: what AKS alone has against files is collected, though
// generate repairs it.
func TestCheckerOfAKS(t *testing.T) {
	for to, want := range map[string]string{
		"aks: {}":       "a[0].0 note T204, a[0].0 note T205, a[0].0 error T105",
		"configmap: {}": "",
	} {
		o := fillTrust(t, "- {name: a, from: [comments.pem], to: {"+to+"}}\n", "comments.pem")
		doc, err := Parse(o)
		if err != nil {
			t.Fatal(err)
		}
		c := newChecker(o, doc)
		environments, err := c.environments()
		if err != nil {
			t.Fatal(err)
		}
		if got := listed(c.check(t.Context(), environments[0]).findings); got != want {
			t.Errorf("%s: %q, want %q", to, got, want)
		}
	}
}
