package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/finding"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// caBundles checks the CA certificates in an object by the rules of cabundle.
func (l *linter) caBundles(o manifest.Object) {
	if !mayHoldCAs(o) {
		return
	}
	b, locked, err := cabundle.ReadObject(filled(o), cabundle.UsualPasswords()...)
	if err != nil {
		l.report("C406", o.ID(), "", "%v", err)
		return
	}
	for _, position := range locked {
		l.report("C406", o.ID(), position.Field, "%v", cabundle.ErrPassword)
	}
	all := []cabundle.Bundle{b}
	if !isForCAs(o) { // each value has its own readers
		all = values(onlyCAs(b))
	}
	for _, b := range all {
		for _, f := range cabundle.CheckWritten(b, isForAKS(o), l.now) {
			l.caCertificates(o, f)
		}
	}
}

// caCertificates reports a finding about CA certificates.
func (l *linter) caCertificates(o manifest.Object, f finding.Finding) {
	if f.ID == "T111" && isPEMKey(o, f.Position) {
		return
	}
	rule, _ := cabundle.RuleOf(f.ID)
	f.Position, f.Object, f.Fix = finding.Position{Field: f.Position.Field}, finding.Object(o.ID()), rule.Fix
	found := Finding{Finding: f, Index: l.at}
	if o.Kind() == "ClusterTrustBundle" && slices.Contains(rejectedIDs, f.ID) { // even if it is allowed
		found.Severity, found.Firm = finding.Error, true
		found.Fix = "remove it; the API server rejects a ClusterTrustBundle with it"
		l.found = append(l.found, found)
		return
	}
	l.add(found)
}

// values splits a bundle by the fields of its object.
func values(b cabundle.Bundle) []cabundle.Bundle {
	var all []cabundle.Bundle
	index := map[string]int{}
	at := func(p finding.Position) *cabundle.Bundle {
		i, known := index[valueOf(p)]
		if !known {
			i = len(all)
			index[valueOf(p)] = i
			all = append(all, cabundle.Bundle{})
		}
		return &all[i]
	}
	for _, e := range b.Entries {
		value := at(e.Position)
		value.Entries = append(value.Entries, e)
	}
	for _, f := range b.Findings {
		value := at(f.Position)
		value.Findings = append(value.Findings, f)
	}
	return all
}

// rejectedIDs are the findings for which the API server rejects a
// ClusterTrustBundle.
var rejectedIDs = []string{"T001", "T013", "T014"}

// isPEMKey reports whether a finding is about a key in PEM, which C401 reports,
// and not about a key in a keystore.
func isPEMKey(o manifest.Object, p finding.Position) bool {
	field, key, _ := strings.Cut(valueOf(p), ".")
	if _, known := valueMaps[field]; !known {
		return true
	}
	return pki.HasPrivateKey(value(o, field, o.Map(field)[key]))
}

// isForAKS reports whether an object is the Secret that AKS nodes read once.
func isForAKS(o manifest.Object) bool {
	return o.ID().Group == "" && o.Kind() == "Secret" && o.Name() == v1alpha1.AKSSecretName
}

// isForCAs reports whether an object holds only CA certificates.
func isForCAs(o manifest.Object) bool {
	return isForAKS(o) || isTrust(o.ID())
}

// trustKinds are the cluster-scoped kinds that distribute CA certificates, by
// group.
var trustKinds = map[string]string{
	"trust.cert-manager.io": "Bundle",
	"trust-manager.io":      "ClusterBundle",
	"certificates.k8s.io":   "ClusterTrustBundle",
}

func isTrust(id manifest.ID) bool { return id.Kind != "" && trustKinds[id.Group] == id.Kind }

// mayHoldCAs reports whether an object may hold certificates other than a
// server's and its chain.
func mayHoldCAs(o manifest.Object) bool {
	switch id := o.ID(); {
	case id.Group == "" && id.Kind == "Secret":
		_, hasCA := o.Map("data")["ca.crt"]
		_, alsoCA := o.Map("stringData")["ca.crt"]
		return o["type"] != "kubernetes.io/tls" || hasCA || alsoCA
	case id.Group == "" && id.Kind == "ConfigMap":
		return true
	case id.Kind == "Secret" || id.Kind == "ConfigMap": // of another group
		return false
	}
	return isForCAs(o) || mentionsCAs(map[string]any(o))
}

// mentionsCAs reports whether a value has a field caBundle or PEM.
func mentionsCAs(v any) bool {
	switch v := v.(type) {
	case string:
		return pki.HasPEM(v)
	case map[string]any:
		for key, inner := range v {
			if key == "caBundle" || mentionsCAs(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, mentionsCAs)
	}
	return false
}

// isCAName matches the names of fields for trusted CAs.
var isCAName = regexp.MustCompile(`(?i)(^|[^a-z])(cas?|roots?|trust|trusted|truststore|bundle)([^a-z]|\d|$)|` +
	`cabundle|trustbundle|root-?ca|cacert|[a-z]ca(s|-?\d*)?\.(crt|pem|cer|der)(,|$)`)

// onlyCAs leaves out values that are not trusted CAs: those with a key that does
// not match isCAName and with a leaf certificate first, even if its chain follows.
func onlyCAs(b cabundle.Bundle) cabundle.Bundle {
	isForCA := map[string]bool{}
	for _, e := range b.Entries {
		value := valueOf(e.Position)
		if _, known := isForCA[value]; !known {
			isForCA[value] = cabundle.KindOf(e.Cert) != cabundle.Leaf || isCAName.MatchString(value)
		}
	}
	var cas cabundle.Bundle
	for _, e := range b.Entries {
		if isForCA[valueOf(e.Position)] {
			cas.Entries = append(cas.Entries, e)
		}
	}
	for _, f := range b.Findings {
		isCA, known := isForCA[valueOf(f.Position)]
		switch {
		case f.Position.Field == "" && len(b.Entries) == 0: // the size of an object without certificates
		case isCA, f.Position.Field == "", !known && isReported(f):
			cas.Findings = append(cas.Findings, f)
		}
	}
	return cas
}

// isReported reports whether a finding counts in a value without certificates:
// the key matches isCAName, the API server rejects the data, a keystore has a
// private key, or a certificate is damaged.
func isReported(f finding.Finding) bool {
	return isCAName.MatchString(f.Position.Field) || slices.Contains([]string{"T302", "T307", "T111"}, f.ID) ||
		slices.Contains([]string{"T016", "T019", "T102", "T109", "T110"}, f.ID) && cabundle.Claims(valueOf(f.Position))
}

// valueOf returns the field of a position without the position inside its value.
func valueOf(p finding.Position) string {
	value, _, _ := strings.Cut(p.Field, ", ")
	return value
}
