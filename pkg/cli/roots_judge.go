package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// verdict is a finding about the certificates of an entry of trust, and what
// becomes of it.
type verdict struct {
	finding.Finding
	environment string
	name        string // of the entry
	index, from int    // the entry, and which of its sources
	fix         string // in words of certs.yaml
	refused     bool
	firm        bool // whoever agrees
}

// judge weighs a bundle for everybody and for the limits of AKS, where that is
// a target. Who wants to know all is told what AKS alone minds about the files
// too, though they are written anew.
func (e rootsEntry) judge(b trust.Bundle) []finding.Finding {
	forAKS := e.target() == trust.AKS
	findings := trust.JudgeWritten(b, forAKS, e.now)
	if !e.keep || !forAKS {
		return findings
	}
	for _, f := range trust.Judge(b, trust.AKS, e.now) {
		if rule, _ := trust.RuleOf(f.ID); rule.Generic == "" && rule.Bundle == trust.Repaired {
			findings = append(findings, f)
		}
	}
	return findings
}

// weigh refuses the errors that writing does not do away with, and tells of
// what else one should know; or keeps all that for whoever asks.
func (e rootsEntry) weigh(bundles []trust.Bundle, findings []finding.Finding) {
	if e.To.AKSSecret != nil {
		rule, _ := trust.RuleOf("T301")
		findings = append(findings, finding.Finding{ID: rule.ID, Severity: rule.AKS, Subject: e.subject(), Reason: "aks-secret is of a preview that retired on " + trust.RetiredOn +
			", and does something only where node pools still have enableCustomCATrust; for all others there is aks"})
	}
	for _, f := range finding.Allow(findings, e.Allow) {
		v := e.verdict(f)
		if f.Subject == e.subject() {
			v.fix = "to: {aks: {}} instead of aks-secret"
		}
		v.from = sourceOf(bundles, f)
		if e.keep {
			e.verdicts = append(e.verdicts, v)
		} else {
			e.pronounce(v)
		}
	}
}

// subject names the entry in what is about all of it.
func (e rootsEntry) subject() string { return "trust " + e.Name }

// verdict decides what becomes of a finding.
func (e rootsEntry) verdict(f finding.Finding) verdict {
	rule, _ := trust.RuleOf(f.ID)
	v := verdict{Finding: f, environment: e.environment, name: e.Name, index: e.index, fix: rule.FixFor(e.target())}
	switch never := e.never(f); {
	case never != "":
		v.Severity, v.refused, v.firm, v.fix = finding.Error, true, true, never
	case f.Severity == finding.Error && rule.Bundle == "":
		v.refused, v.fix = true, e.advice(f, rule)
	}
	return v
}

// pronounce refuses what a verdict is about, or tells of it.
func (e rootsEntry) pronounce(v verdict) {
	rule, _ := trust.RuleOf(v.ID)
	switch {
	case v.refused:
		e.bad("from", v.from, "%s; %s", v.Finding, v.fix)
	case v.Severity == finding.Error && rule.Bundle == trust.Dropped:
		e.tell(fmt.Sprintf("%s (%s); %s", v.Finding, rule.Bundle, v.fix))
	case v.Severity == finding.Warning && rule.Bundle != trust.Repaired:
		e.tell(v.Finding.String())
	}
}

// condemned reports whether an entry is refused, which is told elsewhere.
func (e rootsEntry) condemned() bool {
	return slices.ContainsFunc(e.verdicts, func(v verdict) bool { return v.refused && v.index == e.index && v.environment == e.environment })
}

// target is who the files are judged for, besides everybody.
func (e rootsEntry) target() trust.Target {
	if e.To.AKS != nil || e.To.AKSSecret != nil {
		return trust.AKS
	}
	return trust.Generic
}

// advice says what to do about an error, in words of certs.yaml.
func (e rootsEntry) advice(f finding.Finding, rule trust.Rule) string {
	allow := "allow: [" + f.ID + "]"
	fix := strings.ReplaceAll(rule.FixFor(e.target()), "--allow "+f.ID, allow)
	switch {
	case f.Position == (finding.Position{}) || strings.Contains(fix, allow): // a limit stays one, whoever agrees
		return fix
	case rule.Lost:
		return fix + ", or go without it: " + allow
	}
	return fix + ", or write " + allow
}

// never says why a target cannot take what a finding is about, whoever agrees
// with it; "" if all can.
func (e rootsEntry) never(f finding.Finding) string {
	to := e.To
	inObjects := to.AKSSecret != nil || to.TrustManager != nil || to.ClusterTrustBundle != nil || to.ConfigMap != nil || to.OpenShift != nil || to.Pods != nil
	switch {
	case (f.ID == "T001" || f.ID == "T013") && to.ClusterTrustBundle != nil:
		return "cluster-trust-bundle takes only certificates that say that they are CAs"
	case f.ID == "T201":
		rule, _ := trust.RuleOf(f.ID)
		return rule.Fix
	case f.ID == "T206" && inObjects:
		return "leave some out, or keep to targets that are files"
	}
	return ""
}

// tell says a thing once, in however many environments it is.
func (e rootsEntry) tell(text string) {
	if !e.told[text] {
		e.told[text] = true
		e.env.say("%s", text)
	}
}

// sourceOf finds the bundle that a finding is about, the first if it is about
// all of them.
func sourceOf(bundles []trust.Bundle, f finding.Finding) int {
	return max(0, slices.IndexFunc(bundles, func(b trust.Bundle) bool {
		return slices.ContainsFunc(b.Entries, func(e trust.Entry) bool { return e.Place.Source == f.Position.Source }) ||
			slices.ContainsFunc(b.Findings, func(other finding.Finding) bool { return other.Position.Source == f.Position.Source })
	}))
}
