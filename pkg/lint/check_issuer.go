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

// issuer judges an Issuer or a ClusterIssuer.
func (j *judge) issuer(i *issuer) {
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
		j.say("C206", i.id, "spec", "has no type")
	default:
		j.say("C206", i.id, "spec", "has several types: %s", strings.Join(types, ", "))
	}
	j.reach(i)
	j.signer(i)
	if i.Spec.ACME != nil {
		j.acme(i)
	}
}

func (j *judge) acme(i *issuer) {
	acme := i.Spec.ACME
	if acme.SkipTLSVerify {
		j.say("C202", i.id, "spec.acme.skipTLSVerify", "is true")
	}
	if isLetsEncrypt(acme.Server) {
		if name, _, known := profileOf(i); !known {
			j.say("C201", i.id, "spec.acme.profile", "is %q, which Let's Encrypt does not have", name)
		}
		if acme.Server == v1alpha1.LetsEncryptStaging {
			j.say("C203", i.id, "spec.acme.server", "is Let's Encrypt's staging server")
		}
		if why := refusedMail(acme.Email); why != "" {
			j.say("C204", i.id, "spec.acme.email", "%q is %s", acme.Email, why)
		}
	}
	j.shadowed(i)
}

// shadowed tells of solvers that are never picked, as an earlier one has the
// same selector. One for DNS-01 is for wildcards too, and one for HTTP-01 for IP
// addresses.
func (j *judge) shadowed(i *issuer) {
	web, dns := map[string]int{}, map[string]int{} // the first of each selector
	for n, s := range i.acme.Solvers {
		key := selector(s)
		first, taken := dns[key]
		if s.DNS01 == nil && (!taken || i.addresses) {
			first, taken = web[key]
		}
		if taken {
			j.say("C207", i.id, fmt.Sprintf("spec.acme.solvers[%d]", n), "selects the same as solvers[%d], which is picked", first)
			continue
		}
		if s.DNS01 != nil {
			dns[key] = n
		} else {
			web[key] = n
		}
	}
}

// refusedMail says why Let's Encrypt refuses an address, "" if it does not.
func refusedMail(email string) string {
	if email == "" {
		return ""
	}
	_, domain, found := strings.Cut(strings.ToLower(email), "@")
	suffix, official := publicsuffix.PublicSuffix(domain)
	switch {
	case !found:
		return "no address"
	case slices.Contains([]string{"example.com", "example.net", "example.org"}, domain):
		return "an example"
	case !official && !strings.Contains(suffix, "."), official && suffix == domain:
		return "below no public suffix"
	}
	return ""
}

// reach judges whether the Secrets that an issuer names are where it looks. The
// key of an ACME account is made there.
func (j *judge) reach(i *issuer) {
	for _, ref := range i.secrets {
		there := j.secrets[ref.name]
		if strings.HasSuffix(ref.field, ".privateKeySecretRef") || slices.ContainsFunc(there, func(s secretObject) bool { return i.reads(s.id.Namespace) }) {
			continue
		}
		wants := i.Namespace
		if i.Kind == cm.ClusterIssuerKind {
			wants = defaultNamespaces[0]
		}
		if len(there) > 0 {
			j.say("C205", i.id, ref.field, "names Secret %s, which is in namespace %s here, not in %s", ref.name, there[0].id.Namespace, wants)
		} else if now := j.hashed[ref.name]; now != "" {
			j.say("C205", i.id, ref.field, "names Secret %s, which Kustomize makes as %s; add generatorOptions: {disableNameSuffixHash: true}", ref.name, now)
		}
	}
}

// signer judges the certificate that a CA issuer signs with, if it is asked for
// here.
func (j *judge) signer(i *issuer) {
	if i.Spec.CA == nil {
		return
	}
	away := ""
	for _, a := range j.asked {
		switch {
		case a.Certificate.SecretName != i.Spec.CA.SecretName || a.by.Kind != "Certificate":
		case !i.reads(a.Namespace):
			away = a.by.String()
		case !a.Certificate.IsCA:
			j.say("C208", i.id, "spec.ca.secretName", "is that of %s, which has no isCA: true", a.by)
			return
		default:
			return
		}
	}
	if away != "" {
		j.say("C208", i.id, "spec.ca.secretName", "is that of %s, which is in another namespace than %s looks in", away, i.id)
	}
}

// misdirected tells of a reference that leads nowhere: to a kind or group that
// nobody serves, or to an issuer that is there, and not where it is asked for.
// Of issuers that are not there at all missingIssuers tells.
func (j *judge) misdirected(a *asked) {
	ref, field := a.Certificate.IssuerRef, a.issuerField()
	ours := ref.Kind == cm.IssuerKind || ref.Kind == cm.ClusterIssuerKind
	switch {
	case ref.Name == "":
		j.say("C120", a.by, field, "names no issuer")
	case strings.HasPrefix(ref.Group, "cert-manager.io/"):
		j.say("C102", a.by, field, "has the group %q, and that of cert-manager's own is cert-manager.io", ref.Group)
	case ref.Group != "cert-manager.io":
	case !ours:
		j.say("C102", a.by, field, "asks for %s %s without its group, and cert-manager.io has no such kind", article(ref.Kind), ref.Kind)
	case len(j.named[ref.Name]) > 0:
		other := j.named[ref.Name][0]
		if i := slices.IndexFunc(j.named[ref.Name], func(i *issuer) bool { return i.Kind == cm.ClusterIssuerKind }); i >= 0 {
			other = j.named[ref.Name][i]
		}
		j.say("C102", a.by, field, "asks for %s, and here is %s", plan.IssuerOf(a.Need), keyOf(other.Issuer))
	}
}

// missingIssuers notes each issuer that is asked for and not there, once.
func (j *judge) missingIssuers() {
	asking := map[plan.IssuerKey][]*asked{}
	var keys []plan.IssuerKey
	for i := range j.asked {
		a := &j.asked[i]
		key := plan.IssuerOf(a.Need)
		ours := a.Certificate.IssuerRef.Group == "cert-manager.io" && (key.Kind == cm.IssuerKind || key.Kind == cm.ClusterIssuerKind)
		if a.issuer != nil || len(j.named[key.Name]) > 0 || !ours || key.Name == "" || isVariable(key.Name) {
			continue
		}
		if len(asking[key]) == 0 {
			keys = append(keys, key)
		}
		asking[key] = append(asking[key], a)
	}
	for _, key := range keys {
		id := manifest.ID{Group: "cert-manager.io", Kind: key.Kind, Namespace: key.Namespace, Name: key.Name}
		j.at = asking[key][0].at
		j.say("C103", id, "", "is not among these manifests, so what %s of it was not judged", askers(len(asking[key])))
	}
}

func askers(n int) string {
	if n == 1 {
		return "one object asks"
	}
	return phrase.Count(n, "object") + " ask"
}
