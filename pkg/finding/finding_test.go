package finding

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPositionString(t *testing.T) {
	for want, p := range map[string]Position{
		"":                         {},
		"a.der":                    {Source: "a.der"},
		"a.pem:3":                  {Source: "a.pem", Line: 3},
		"a.yaml:3: data.ca.crt":    {Source: "a.yaml", Line: 3, Field: "data.ca.crt"},
		"a.jks: alias corp":        {Source: "a.jks", Field: "alias corp"},
		`a\nb\u001b[31m.pem:1`:     {Source: "a\nb\x1b[31m.pem", Line: 1},
		"registry.example.com:443": {Source: "registry.example.com:443"},
		"host:443: certificate 2":  {Source: "host:443", Field: "certificate 2"},
		"spec.dnsNames[0]":         {Field: "spec.dnsNames[0]"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSortByPositionKeepsTheOrderWithinALine(t *testing.T) {
	list := []Finding{
		{ID: "all"},
		{ID: "b2", Position: Position{Source: "b", Line: 2}},
		{ID: "a9 second", Position: Position{Source: "a", Line: 9, Field: "z"}},
		{ID: "a9 third", Position: Position{Source: "a", Line: 9, Field: "a"}},
		{ID: "all again"},
		{ID: "a1", Position: Position{Source: "a", Line: 1}},
	}
	SortByPosition(list)
	var got []string
	for _, f := range list {
		got = append(got, f.ID)
	}
	if diff := cmp.Diff([]string{"a1", "a9 second", "a9 third", "b2", "all", "all again"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWorst(t *testing.T) {
	for have, want := range map[string]Severity{"": "", "note": Note, "note warning note": Warning, "warning error": Error} {
		var findings []Finding
		for _, s := range strings.Fields(have) {
			findings = append(findings, Finding{Severity: Severity(s)})
		}
		if got := Worst(findings); got != want {
			t.Errorf("worst of %q is %q, want %q", have, got, want)
		}
	}
}

func TestAtLeast(t *testing.T) {
	for limit, want := range map[Severity][]Severity{Error: {Error}, Warning: {Error, Warning}, Note: {Error, Warning, Note}} {
		var got []Severity
		for _, s := range append(Severities(), "") {
			if s.AtLeast(limit) {
				got = append(got, s)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at least %s (-want +got):\n%s", limit, diff)
		}
	}
}

func TestAllowCopies(t *testing.T) {
	list := []Finding{{ID: "T001", Severity: Error}, {ID: "T002", Severity: Warning}}
	want := []Finding{{ID: "T001", Severity: Note}, {ID: "T002", Severity: Warning}}
	if diff := cmp.Diff(want, Allow(list, []string{"T001", "T003"})); diff != "" {
		t.Error(diff)
	}
	if list[0].Severity != Error {
		t.Error("the argument has changed")
	}
}
