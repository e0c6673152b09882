package finding

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

var (
	expired = Reported{
		Finding: Finding{
			ID: "T004", Severity: Error, Position: Position{Source: "ca/roots.pem", Line: 12},
			Subject: "CN=Corp Root", Reason: "expired 3 days ago", Fix: "kubectl certs trust bundle leaves it out",
		},
		What: "expired", Why: "Nobody accepts it.", File: "ca/roots.pem", Action: "dropped",
	}
	unnamed = Reported{
		Finding: Finding{
			ID: "C101", Severity: Warning, Position: Position{Source: "overlays/prod", Line: 7, Field: "metadata.annotations.cert-manager.io/duration"},
			Object: Object{Group: "networking.k8s.io", Kind: "Ingress", Namespace: "shop", Name: "web"},
			Reason: "50%: not a duration", Fix: "write hours",
		},
		What: "not a duration", Why: "cert-manager ignores it.", Scopes: []string{"prod", "staging"}, File: "overlays/prod/kustomization.yaml",
	}
	note = Reported{
		Finding: Finding{ID: "C203", Severity: Note, Position: Position{Source: "a.yaml"}, Object: Object{Kind: "Issuer", Name: "x"}, Reason: "staging", Fix: "nothing"},
		What:    "a staging CA", Why: "Browsers reject it.", File: "a.yaml",
	}
)

func TestTextShowsEachFindingAndEachFixOnce(t *testing.T) {
	repaired := expired
	repaired.Outcome, repaired.Fix = "repaired", ""
	hostile := unnamed
	hostile.Reason = "a\nb \x1b[31m"
	for name, tt := range map[string]struct {
		list []Reported
		o    TextOptions
		want string
	}{
		"none": {nil, TextOptions{}, ""},
		"two of a kind, one fix": {[]Reported{expired, expired}, TextOptions{Program: "prog"}, "ca/roots.pem:12: error T004: CN=Corp Root: expired 3 days ago\n" +
			"ca/roots.pem:12: error T004: CN=Corp Root: expired 3 days ago\nfix T004: prog trust bundle leaves it out\n"},
		"repaired":  {[]Reported{repaired}, TextOptions{}, "ca/roots.pem:12: error T004: CN=Corp Root: expired 3 days ago (repaired)\n"},
		"an object": {[]Reported{unnamed}, TextOptions{}, "overlays/prod:7: warning C101: Ingress/shop/web cert-manager.io/duration: 50%: not a duration (prod, staging)\nfix C101: write hours\n"},
		"colours":   {[]Reported{note}, TextOptions{Color: true}, "a.yaml: \x1b[36mnote C203\x1b[0m: Issuer/x: staging\n"},
		"unsafe":    {[]Reported{hostile}, TextOptions{}, `overlays/prod:7: warning C101: Ingress/shop/web cert-manager.io/duration: a\nb \u001b[31m (prod, staging)` + "\nfix C101: write hours\n"},
		"few notes": {[]Reported{note, note, note}, TextOptions{}, strings.Repeat("a.yaml: note C203: Issuer/x: staging\n", 3)},
		"many notes": {[]Reported{note, unnamed, note, note, note}, TextOptions{Color: true}, "\x1b[36mnote C203\x1b[0m: a staging CA (4 times, -o json lists them)\n" +
			"overlays/prod:7: \x1b[33mwarning C101\x1b[0m: Ingress/shop/web cert-manager.io/duration: 50%: not a duration (prod, staging)\nfix C101: write hours\n"},
		"many errors": {[]Reported{repaired, repaired, repaired, repaired}, TextOptions{}, strings.Repeat("ca/roots.pem:12: error T004: CN=Corp Root: expired 3 days ago (repaired)\n", 4)},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Text(tt.list, tt.o)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWideExplainsEachRuleOnce(t *testing.T) {
	list := []Reported{note, expired, note}
	want := Text(list, TextOptions{Notes: true}) + "why C203: Browsers reject it.\nwhy T004: Nobody accepts it.\n"
	if diff := cmp.Diff(want, Wide(list, TextOptions{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestGitHub(t *testing.T) {
	subject := expired
	subject.File, subject.Severity = "a,b:c.pem", Note
	server := expired
	server.File = ""
	want := "::error file=ca/roots.pem,line=12,title=T004::CN=Corp Root: expired 3 days ago; kubectl certs trust bundle leaves it out\n" +
		"::warning file=overlays/prod/kustomization.yaml,line=7,title=C101::Ingress/shop/web metadata.annotations.cert-manager.io/duration: 50%25: not a duration (prod, staging); write hours\n" +
		"::notice file=a.yaml,title=C203::Issuer/x: staging; nothing\n" +
		"::notice file=a%2Cb%3Ac.pem,line=12,title=T004::CN=Corp Root: expired 3 days ago; kubectl certs trust bundle leaves it out\n" +
		"::error title=T004::CN=Corp Root: expired 3 days ago; kubectl certs trust bundle leaves it out\n"
	if diff := cmp.Diff(want, GitHub([]Reported{expired, unnamed, note, subject, server})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestViews(t *testing.T) {
	got, err := printable.JSON(Views([]Reported{expired, unnamed}))
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "id": "T004",
    "severity": "error",
    "source": "ca/roots.pem",
    "line": 12,
    "subject": "CN=Corp Root",
    "reason": "expired 3 days ago",
    "why": "Nobody accepts it.",
    "fix": "kubectl certs trust bundle leaves it out",
    "bundle": "dropped"
  },
  {
    "id": "C101",
    "severity": "warning",
    "source": "overlays/prod",
    "line": 7,
    "field": "metadata.annotations.cert-manager.io/duration",
    "object": {
      "group": "networking.k8s.io",
      "kind": "Ingress",
      "namespace": "shop",
      "name": "web"
    },
    "environments": [
      "prod",
      "staging"
    ],
    "reason": "50%: not a duration",
    "why": "cert-manager ignores it.",
    "fix": "write hours"
  }
]
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if Views(nil) == nil {
		t.Error("no findings are null in JSON, not []")
	}
}

func TestSARIF(t *testing.T) {
	server := expired
	server.File, server.Position = "", Position{Source: "host:443", Field: "certificate 2"}
	odd := note
	odd.File = "a b:c.yaml"
	got, err := SARIF([]Reported{expired, unnamed, server, odd}, Tool{Name: "kubectl-certs", Version: "v1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "kubectl-certs",
          "version": "v1.0.0",
          "rules": [
            {"id": "C101", "shortDescription": {"text": "not a duration"}, "fullDescription": {"text": "cert-manager ignores it."}},
            {"id": "C203", "shortDescription": {"text": "a staging CA"}, "fullDescription": {"text": "Browsers reject it."}},
            {"id": "T004", "shortDescription": {"text": "expired"}, "fullDescription": {"text": "Nobody accepts it."}}
          ]
        }
      },
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "T004", "ruleIndex": 2, "level": "error",
          "message": {"text": "CN=Corp Root: expired 3 days ago; kubectl certs trust bundle leaves it out"},
          "locations": [{"physicalLocation": {"artifactLocation": {"uri": "ca/roots.pem"}, "region": {"startLine": 12}}}]
        },
        {
          "ruleId": "C101", "ruleIndex": 0, "level": "warning",
          "message": {"text": "Ingress/shop/web metadata.annotations.cert-manager.io/duration: 50%: not a duration (prod, staging); write hours"},
          "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": "overlays/prod/kustomization.yaml"}, "region": {"startLine": 7}},
            "logicalLocations": [{"fullyQualifiedName": "Ingress/shop/web cert-manager.io/duration"}]
          }]
        },
        {
          "ruleId": "T004", "ruleIndex": 2, "level": "error",
          "message": {"text": "CN=Corp Root: expired 3 days ago; kubectl certs trust bundle leaves it out"},
          "locations": [{"logicalLocations": [{"fullyQualifiedName": "host:443: certificate 2"}]}]
        },
        {
          "ruleId": "C203", "ruleIndex": 1, "level": "note",
          "message": {"text": "Issuer/x: staging; nothing"},
          "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": "./a%20b:c.yaml"}},
            "logicalLocations": [{"fullyQualifiedName": "Issuer/x"}]
          }]
        }
      ]
    }
  ]
}`
	if diff := cmp.Diff(decoded(t, want), decoded(t, string(got))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	none, err := SARIF(nil, Tool{Name: "kubectl-certs"})
	if err != nil || !strings.Contains(string(none), `"results": []`) || !strings.Contains(string(none), `"rules": []`) {
		t.Errorf("a log without findings has lists that are null: %s, %v", none, err)
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSummary(t *testing.T) {
	for _, tt := range []struct{ have, want string }{
		{"", "nothing found"}, {"note", "1 note"}, {"note error warning error", "2 errors, 1 warning, 1 note"},
	} {
		var findings []Finding
		for _, s := range strings.Fields(tt.have) {
			findings = append(findings, Finding{Severity: Severity(s)})
		}
		if got := Summary(findings); got != tt.want {
			t.Errorf("summary of %q is %q, want %q", tt.have, got, tt.want)
		}
	}
}
