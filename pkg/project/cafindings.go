package project

import (
	"slices"
	"strings"
	"time"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
)

// caFinding is a finding about the certificates of an entry of trust, and its
// consequences.
type caFinding struct {
	finding     finding.Finding
	environment string // "" for the file as written
	entry       string // name of the entry
	index       int    // of the entry
	from        int    // index of the source
	fix         string // what to do, in terms of certs.yaml
	rejected    bool   // generate rejects the entry
	firm        bool   // the entry cannot allow it
}

func (f caFinding) isRejected() bool { return f.rejected }

// caEntry is an entry of trust, and its position.
type caEntry struct {
	spec        v1alpha1.Trust
	environment string
	index       int
}

// check returns the findings about a bundle for all targets, and those about
// the limits of AKS if it is a target. With repaired they include findings that
// only AKS has about the files, although these are rewritten.
func (e caEntry) check(b cabundle.Bundle, now time.Time, repaired bool) []finding.Finding {
	forAKS := e.target() == cabundle.AKS
	findings := cabundle.CheckWritten(b, forAKS, now)
	if !repaired || !forAKS {
		return findings
	}
	for _, f := range cabundle.Check(b, cabundle.AKS, now) {
		if rule, _ := cabundle.RuleOf(f.ID); rule.Generic == "" && rule.Action == cabundle.Repaired {
			findings = append(findings, f)
		}
	}
	return findings
}

// classify decides the consequences of each finding about the bundles of an
// entry.
func (e caEntry) classify(bundles []cabundle.Bundle, findings []finding.Finding) []caFinding {
	about := "trust " + e.spec.Name
	if e.spec.To.AKSSecret != nil {
		rule, _ := cabundle.RuleOf("T301")
		findings = append(findings, finding.Finding{ID: rule.ID, Severity: rule.AKS, Subject: about, Reason: "aks-secret is for a preview that was retired on " + cabundle.RetiredOn +
			", and only node pools with enableCustomCATrust use it; use aks for others"})
	}
	var classified []caFinding
	for _, f := range finding.Allow(findings, e.spec.Allow) {
		c := e.classifyOne(f)
		if f.Subject == about {
			c.fix = "to: {aks: {}} instead of aks-secret"
		}
		c.from = sourceOf(bundles, f)
		classified = append(classified, c)
	}
	return classified
}

func (e caEntry) classifyOne(f finding.Finding) caFinding {
	rule, _ := cabundle.RuleOf(f.ID)
	c := caFinding{finding: f, environment: e.environment, entry: e.spec.Name, index: e.index, fix: rule.FixFor(e.target())}
	switch reason := e.unsupportedReason(f); {
	case reason != "":
		c.finding.Severity, c.rejected, c.firm, c.fix = finding.Error, true, true, reason
	case f.Severity == finding.Error && rule.Action == "":
		c.rejected, c.fix = true, e.advice(f, rule)
	}
	return c
}

// target returns the target with special rules for the files.
func (e caEntry) target() cabundle.Target {
	if e.spec.To.AKS != nil || e.spec.To.AKSSecret != nil {
		return cabundle.AKS
	}
	return cabundle.Generic
}

// advice returns what to do about an error, in terms of certs.yaml.
func (e caEntry) advice(f finding.Finding, rule cabundle.Rule) string {
	allow := "allow: [" + f.ID + "]"
	fix := strings.ReplaceAll(rule.FixFor(e.target()), "--allow "+f.ID, allow)
	switch {
	case f.Position == (finding.Position{}) || strings.Contains(fix, allow): // allowing a limit does not remove it
		return fix
	case rule.Lost:
		return fix + ", or omit it with " + allow
	}
	return fix + ", or write " + allow
}

// unsupportedReason returns why a target does not support the certificates of a
// finding, even if the entry allows it; "" if all targets do.
func (e caEntry) unsupportedReason(f finding.Finding) string {
	to := e.spec.To
	inObjects := to.AKSSecret != nil || to.TrustManager != nil || to.ClusterTrustBundle != nil || to.ConfigMap != nil || to.OpenShift != nil || to.Pods != nil
	switch {
	case (f.ID == "T001" || f.ID == "T013") && to.ClusterTrustBundle != nil:
		return "cluster-trust-bundle accepts only certificates with CA: true"
	case f.ID == "T201":
		rule, _ := cabundle.RuleOf(f.ID)
		return rule.Fix
	case f.ID == "T206" && inObjects:
		return "remove some, or use only targets that are files"
	}
	return ""
}

// unusable returns why the remaining certificates cannot be used, "" if they
// can.
func (e caEntry) unusable(kept []cabundle.Entry) string {
	switch {
	case len(kept) == 0 && len(e.spec.From) > 0:
		return "no certificates remain"
	case e.hasTrustStore() && len(cabundle.Encode(kept, cabundle.Generic))+len(cabundle.EncodeJKS(kept, cabundle.StorePassword)) > cabundle.MaxObject:
		return "with the trust store for Java the certificates are too large for one ConfigMap; remove some, or use mount: trust-manager"
	}
	return ""
}

// hasTrustStore reports whether the component for pods has a ConfigMap with a
// trust store for Java in addition to the PEM.
func (e caEntry) hasTrustStore() bool {
	p := e.spec.To.Pods
	return p != nil && p.Mount == "" && slices.Contains(p.Variables, v1alpha1.JavaToolOptions)
}

// sourceOf returns the bundle of a finding, the first if it is about all of
// them.
func sourceOf(bundles []cabundle.Bundle, f finding.Finding) int {
	return max(0, slices.IndexFunc(bundles, func(b cabundle.Bundle) bool {
		return slices.ContainsFunc(b.Entries, func(e cabundle.Entry) bool { return e.Position.Source == f.Position.Source }) ||
			slices.ContainsFunc(b.Findings, func(other finding.Finding) bool { return other.Position.Source == f.Position.Source })
	}))
}
