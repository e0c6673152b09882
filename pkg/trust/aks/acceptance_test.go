package aks

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

func ids(findings []finding.Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, f.ID)
	}
	return list
}

// TestAccept: what the user agrees with is handed over, unless AKS itself
// refuses it, and only a file that loses nothing by it is repaired.
func TestAccept(t *testing.T) {
	for name, tt := range map[string]struct {
		file       string
		allow      []string
		errors     []string
		refused    bool
		toAllow    []string
		repairable bool
	}{
		"as AKS takes it":           {file: "one.pem", repairable: true},
		"CRLF, which it refuses":    {file: "crlf.pem", allow: []string{"T103"}, errors: []string{"T101", "T103"}, refused: true, toAllow: []string{"T101", "T103"}, repairable: true},
		"not a CA":                  {file: "ca-false.pem", errors: []string{"T001"}, toAllow: []string{"T001"}, repairable: true},
		"not a CA, agreed with":     {file: "ca-false.pem", allow: []string{"T001"}, toAllow: []string{"T001"}, repairable: true},
		"too many":                  {file: "eleven.pem", allow: []string{"T201"}, errors: []string{"T201"}, refused: true, toAllow: []string{"T201"}},
		"a damaged one is left out": {file: "cut-end.pem", errors: []string{"T109"}, refused: true, toAllow: []string{"T109"}},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("..", "..", "..", "testdata", "trust", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			bundle, err := cabundle.Read(tt.file, data)
			if err != nil {
				t.Fatal(err)
			}
			a := Accept(bundle, tt.allow, time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
			_, repairable := a.Repairable()
			type outcome struct {
				Errors, ToAllow     []string
				Refused, Repairable bool
			}
			if diff := cmp.Diff(outcome{tt.errors, tt.toAllow, tt.refused, tt.repairable}, outcome{ids(a.Errors()), ids(a.ToAllow()), a.Refused(), repairable}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(a.Certificates) != len(cabundle.Normalise(bundle.Entries)) {
				t.Errorf("%d certificates of %d", len(a.Certificates), len(bundle.Entries))
			}
		})
	}
}
