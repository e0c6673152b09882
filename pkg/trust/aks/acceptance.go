package aks

import (
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// Acceptance is the result of checking a file of CA certificates for AKS.
type Acceptance struct {
	Findings     []finding.Finding // allowed errors are notes
	Certificates []string          // in PEM, one each, as in Request

	checked []finding.Finding // before errors are allowed
	allow   []string
}

// Accept checks the content of a file. Allow are the IDs of findings that the user
// allows. Errors that AKS rejects cannot be allowed.
func Accept(file cabundle.Bundle, allow []string, now time.Time) Acceptance {
	a := Acceptance{checked: cabundle.Check(file, cabundle.AKS, now), allow: allow}
	a.Findings = finding.Allow(a.checked, slices.DeleteFunc(slices.Clone(allow), refuses))
	for _, e := range cabundle.Normalise(file.Entries) {
		a.Certificates = append(a.Certificates, string(cabundle.Encode([]cabundle.Entry{e}, cabundle.AKS)))
	}
	return a
}

// refuses reports whether a finding cannot be allowed.
func refuses(id string) bool {
	rule, _ := cabundle.RuleOf(id)
	return rule.Refused(cabundle.AKS)
}

// Errors returns the errors that are not allowed.
func (a Acceptance) Errors() []finding.Finding {
	return slices.DeleteFunc(slices.Clone(a.Findings), func(f finding.Finding) bool { return f.Severity != finding.Error })
}

// Refused reports whether the file has errors that cannot be allowed.
func (a Acceptance) Refused() bool {
	return slices.ContainsFunc(a.Errors(), func(f finding.Finding) bool { return refuses(f.ID) })
}

// ToAllow returns the errors that the user must allow to use the file, including
// those that are allowed already.
func (a Acceptance) ToAllow() []finding.Finding {
	return append(a.Errors(), slices.DeleteFunc(slices.Clone(a.checked), func(f finding.Finding) bool {
		return f.Severity != finding.Error || !slices.Contains(a.allow, f.ID) || refuses(f.ID)
	})...)
}

// Repairable reports whether writing the file anew makes it acceptable for AKS,
// and which errors the user must allow for that.
func (a Acceptance) Repairable() (allow []finding.Finding, ok bool) {
	blocking := cabundle.Blocking(a.checked)
	for _, f := range blocking {
		if rule, _ := cabundle.RuleOf(f.ID); rule.Lost || rule.Refused(cabundle.AKS) {
			return nil, false
		}
	}
	return blocking, len(a.Certificates) > 0
}
