package lint

import (
	"regexp"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust"
)

// bundles judges the CA certificates in an object by the rules of trust.
func (j *judge) bundles(o manifest.Object) {
	if !mayHoldCAs(o) {
		return
	}
	b, err := trust.ReadObject(filled(o), "", "changeit")
	if err != nil {
		j.say("C406", o.ID(), "", "%v", err)
		return
	}
	forAKS := o.Kind() == "Secret" && o.Name() == "custom-ca-trust-secret"
	for _, f := range trust.JudgeWritten(onlyCAs(b), forAKS, j.now) {
		if f.ID == "T111" { // C401 tells of private keys, wherever they are
			continue
		}
		rule, _ := trust.RuleOf(f.ID)
		j.add(Finding{ID: f.ID, Severity: f.Severity, Object: o.ID(), Field: f.Place.Field, Subject: f.Subject, Reason: f.Reason, Fix: rule.Fix})
	}
}

// mayHoldCAs reports whether there may be certificates in an object, other
// than the one of a server and its chain.
func mayHoldCAs(o manifest.Object) bool {
	switch o.Kind() {
	case "Secret":
		_, hasCA := o.Map("data")["ca.crt"]
		_, alsoCA := o.Map("stringData")["ca.crt"]
		return o["type"] != "kubernetes.io/tls" || hasCA || alsoCA
	case "ConfigMap":
		return true
	}
	return mentionsPEM(map[string]any(o))
}

// mentionsPEM reports whether a text somewhere has a BEGIN line, or may be
// base64 of one.
func mentionsPEM(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, "-----BEGIN ") || strings.HasPrefix(v, "LS0tLS1CRUdJTi")
	case map[string]any:
		for _, inner := range v {
			if mentionsPEM(inner) {
				return true
			}
		}
	case []any:
		for _, inner := range v {
			if mentionsPEM(inner) {
				return true
			}
		}
	}
	return false
}

// saysCA matches keys whose value is meant to be trusted.
var saysCA = regexp.MustCompile(`(?i)(^|[^a-z])(ca|cas|root|roots|trust|trusted|truststore|bundle)([^a-z]|\d|$)|cabundle|trustbundle`)

// onlyCAs leaves out values that are certificates of servers, clients or
// signers and not CAs to trust: those where neither the key nor any
// certificate says CA.
func onlyCAs(b trust.Bundle) trust.Bundle {
	meant := map[string]bool{}
	for _, e := range b.Entries {
		value := valueOf(e.Place)
		meant[value] = meant[value] || trust.KindOf(e.Cert) != trust.Leaf || saysCA.MatchString(value)
	}
	var cas trust.Bundle
	for _, e := range b.Entries {
		if meant[valueOf(e.Place)] {
			cas.Entries = append(cas.Entries, e)
		}
	}
	for _, f := range b.Findings {
		isCA, known := meant[valueOf(f.Place)]
		if isCA || !known && (f.Place.Field == "" || f.ID == "T302" || f.ID == "T307" || saysCA.MatchString(f.Place.Field)) {
			cas.Findings = append(cas.Findings, f)
		}
	}
	return cas
}

// valueOf is the field that a certificate is in, without where in its text.
func valueOf(p trust.Place) string {
	value, _, _ := strings.Cut(p.Field, ", ")
	return value
}
