package aks

import (
	"slices"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// Acceptance is whether AKS takes a file of CA certificates as it is.
type Acceptance struct {
	Findings     []finding.Finding // errors that the user agrees with are notes
	Certificates []string          // in PEM, one each, as a Request has them

	judged []finding.Finding // whether the user agrees or not
	allow  []string
}

// Accept checks what a file holds. Allow are the IDs of findings that the user
// agrees with; what AKS itself refuses stays an error.
func Accept(file cabundle.Bundle, allow []string, now time.Time) Acceptance {
	a := Acceptance{judged: cabundle.Check(file, cabundle.AKS, now), allow: allow}
	a.Findings = finding.Allow(a.judged, slices.DeleteFunc(slices.Clone(allow), refuses))
	for _, e := range cabundle.Normalise(file.Entries) {
		a.Certificates = append(a.Certificates, string(cabundle.Encode([]cabundle.Entry{e}, cabundle.AKS)))
	}
	return a
}

// refuses reports whether a finding stays an error, whoever agrees with it.
func refuses(id string) bool {
	rule, _ := cabundle.RuleOf(id)
	return rule.Refused(cabundle.AKS)
}

// Errors returns the findings for which the file is not handed over.
func (a Acceptance) Errors() []finding.Finding {
	return slices.DeleteFunc(slices.Clone(a.Findings), func(f finding.Finding) bool { return f.Severity != finding.Error })
}

// Refused reports whether AKS refuses the file, whatever the user agrees with.
func (a Acceptance) Refused() bool {
	return slices.ContainsFunc(a.Errors(), func(f finding.Finding) bool { return refuses(f.ID) })
}

// ToAllow returns the errors that the user has to agree with to hand the file
// over, those that he has agreed with already included.
func (a Acceptance) ToAllow() []finding.Finding {
	return append(a.Errors(), slices.DeleteFunc(slices.Clone(a.judged), func(f finding.Finding) bool {
		return f.Severity != finding.Error || !slices.Contains(a.allow, f.ID) || refuses(f.ID)
	})...)
}

// Repairable reports whether a file that AKS takes can be made of this one, and
// which errors the user has to agree with for that.
func (a Acceptance) Repairable() (allow []finding.Finding, ok bool) {
	blocking := cabundle.Blocking(a.judged)
	for _, f := range blocking {
		if rule, _ := cabundle.RuleOf(f.ID); rule.Lost || rule.Refused(cabundle.AKS) {
			return nil, false
		}
	}
	return blocking, len(a.Certificates) > 0
}
