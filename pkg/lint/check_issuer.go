package lint

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"golang.org/x/net/publicsuffix"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/phrase"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

// issuer checks an Issuer or a ClusterIssuer.
func (l *linter) issuer(i *issuer) {
	config := reflect.ValueOf(i.Spec.IssuerConfig)
	var types []string
	for n := range config.NumField() {
		if !config.Field(n).IsNil() {
			name, _, _ := strings.Cut(config.Type().Field(n).Tag.Get("json"), ",")
			types = append(types, name)
		}
	}
	switch len(types) {
	case 1:
	case 0:
		l.report("C206", i.id, "spec", "has no type")
	default:
		l.report("C206", i.id, "spec", "has several types: %s", strings.Join(types, ", "))
	}
	l.reach(i)
	l.signer(i)
	if i.Spec.ACME != nil {
		l.acme(i)
	}
}

func (l *linter) acme(i *issuer) {
	acme := i.Spec.ACME
	if acme.SkipTLSVerify {
		l.report("C202", i.id, "spec.acme.skipTLSVerify", "is true")
	}
	if isLetsEncrypt(acme.Server) {
		if name, _, known := profileOf(i); !known {
			l.report("C201", i.id, "spec.acme.profile", "is %q, which Let's Encrypt does not have", name)
		}
		if acme.Server == v1alpha1.LetsEncryptStaging {
			l.report("C203", i.id, "spec.acme.server", "Let's Encrypt's staging server, whose certificates clients do not trust")
		}
		if why := rejectedMail(acme.Email); why != "" {
			l.report("C204", i.id, "spec.acme.email", "%q %s", acme.Email, why)
		}
	}
	l.shadowed(i)
}

// shadowed reports solvers that are never picked because an earlier one has the
// same selector. Only DNS-01 can validate wildcards, and only HTTP-01 IP
// addresses.
func (l *linter) shadowed(i *issuer) {
	web, dns := map[string]int{}, map[string]int{} // the first of each selector
	for n, s := range i.acme.Solvers {
		key := selector(s)
		first, taken := dns[key]
		if s.DNS01 == nil && (!taken || i.addresses) {
			first, taken = web[key]
		}
		if taken {
			l.report("C207", i.id, fmt.Sprintf("spec.acme.solvers[%d]", n), "has the same selector as solvers[%d], which is picked", first)
			continue
		}
		if s.DNS01 != nil {
			dns[key] = n
		} else {
			web[key] = n
		}
	}
}

// rejectedMail returns why Let's Encrypt rejects an email address, or "".
func rejectedMail(email string) string {
	if email == "" {
		return ""
	}
	_, domain, found := strings.Cut(strings.ToLower(email), "@")
	suffix, official := publicsuffix.PublicSuffix(domain)
	switch {
	case !found:
		return "is not an email address"
	case slices.Contains([]string{"example.com", "example.net", "example.org"}, domain):
		return "is an example"
	case !official && !strings.Contains(suffix, "."), official && suffix == domain:
		return "has no public suffix"
	}
	return ""
}

// reach checks whether the Secrets of an issuer are in a namespace that it reads.
// cert-manager creates the Secret of an ACME account key itself.
func (l *linter) reach(i *issuer) {
	for _, ref := range i.secrets {
		there := l.secrets[ref.name]
		if strings.HasSuffix(ref.field, ".privateKeySecretRef") || slices.ContainsFunc(there, func(s secretObject) bool { return i.reads(s.id.Namespace) }) {
			continue
		}
		wants := i.Namespace
		if i.Kind == cm.ClusterIssuerKind {
			wants = defaultNamespaces[0]
		}
		if len(there) > 0 {
			l.report("C205", i.id, ref.field, "refers to Secret %s, which is in namespace %s, not in %s", ref.name, there[0].id.Namespace, wants)
		} else if now := l.hashed[ref.name]; now != "" {
			l.report("C205", i.id, ref.field, "refers to Secret %s, which Kustomize renames to %s; set generatorOptions: {disableNameSuffixHash: true}", ref.name, now)
		}
	}
}

// signer checks the Certificate for the Secret of a CA issuer, if there is one.
func (l *linter) signer(i *issuer) {
	if i.Spec.CA == nil {
		return
	}
	away := ""
	for _, r := range l.requests {
		switch {
		case r.Certificate.SecretName != i.Spec.CA.SecretName || r.by.Kind != "Certificate":
		case !i.reads(r.Namespace):
			away = r.by.String()
		case !r.Certificate.IsCA:
			l.report("C208", i.id, "spec.ca.secretName", "is the Secret of %s, which has no isCA: true", r.by)
			return
		default:
			return
		}
	}
	if away != "" {
		l.report("C208", i.id, "spec.ca.secretName", "is the Secret of %s, in a namespace that %s does not read", away, i.id)
	}
}

// misdirected reports a reference to an unknown kind or group of issuers, or to
// an issuer that exists under another kind or namespace. missingIssuers reports
// missing issuers.
func (l *linter) misdirected(r *request) {
	ref, field := r.Certificate.IssuerRef, r.issuerField()
	ours := ref.Kind == cm.IssuerKind || ref.Kind == cm.ClusterIssuerKind
	switch {
	case ref.Name == "":
		l.report("C120", r.by, field, "has no issuer name")
	case strings.HasPrefix(ref.Group, "cert-manager.io/"):
		l.report("C102", r.by, field, "has the group %q; cert-manager's own is cert-manager.io", ref.Group)
	case ref.Group != "cert-manager.io":
	case !ours:
		l.report("C102", r.by, field, "refers to %s %s without a group, but cert-manager.io has no such kind", article(ref.Kind), ref.Kind)
	case len(l.named[ref.Name]) > 0:
		other := l.named[ref.Name][0]
		if i := slices.IndexFunc(l.named[ref.Name], func(i *issuer) bool { return i.Kind == cm.ClusterIssuerKind }); i >= 0 {
			other = l.named[ref.Name][i]
		}
		l.report("C102", r.by, field, "refers to %s, but these manifests have %s", plan.IssuerOf(r.Need), keyOf(other.Issuer))
	}
}

// missingIssuers reports each missing issuer once.
func (l *linter) missingIssuers() {
	requests := map[plan.IssuerKey][]*request{}
	var keys []plan.IssuerKey
	for i := range l.requests {
		r := &l.requests[i]
		key := plan.IssuerOf(r.Need)
		ours := r.Certificate.IssuerRef.Group == "cert-manager.io" && (key.Kind == cm.IssuerKind || key.Kind == cm.ClusterIssuerKind)
		if r.issuer != nil || len(l.named[key.Name]) > 0 || !ours || key.Name == "" || isVariable(key.Name) {
			continue
		}
		if len(requests[key]) == 0 {
			keys = append(keys, key)
		}
		requests[key] = append(requests[key], r)
	}
	for _, key := range keys {
		id := manifest.ID{Group: "cert-manager.io", Kind: key.Kind, Namespace: key.Namespace, Name: key.Name}
		l.at = requests[key][0].at
		l.report("C103", id, "", "is not in these manifests, so %s could not be checked completely", phrase.Count(len(requests[key]), "request"))
	}
}
