package spec

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// The rules for issuers are those of cert-manager's webhook
// (internal/apis/certmanager/validation/issuer.go), told before anything is applied.

func (c *checker) issuers(at *path) {
	seen := map[string]int{}
	for i, issuer := range c.certs.Issuers {
		at := at.item(i)
		c.issuer(at, issuer)
		c.unique(seen, joinName(issuer.Namespace, issuer.Name), i, at.at("name"), "issuers")
	}
	c.helpers(at, seen)
}

func (c *checker) issuer(at *path, issuer Issuer) {
	c.name(at.at("name"), issuer.Name)
	c.label(at.at("namespace"), issuer.Namespace)
	c.labels(at.at("labels"), issuer.Labels)
	c.annotations(at.at("annotations"), issuer.Annotations)
	foreign := issuer.Existing && issuer.Group != "cert-manager.io"
	switch {
	case !foreign && issuer.Kind != ClusterIssuer && issuer.Kind != NamespacedIssuer:
		c.bad(at.at("kind"), "%q is none of ClusterIssuer, Issuer; another kind needs existing: true and its group%s",
			issuer.Kind, c.hint(string(issuer.Kind), []string{string(ClusterIssuer), string(NamespacedIssuer)}))
	case issuer.Kind == ClusterIssuer && issuer.Namespace != "":
		c.bad(at.at("namespace"), "a ClusterIssuer has no namespace; its Secrets are read from cert-manager's own")
	}
	types := []string{"acme", "ca", "private", "selfSigned", "vault", "venafi"}
	given := []bool{issuer.ACME != nil, issuer.CA != nil, issuer.Private != nil, issuer.SelfSigned != nil, issuer.Vault != nil, issuer.Venafi != nil}
	if issuer.Existing {
		if i := slices.Index(given, true); i >= 0 {
			c.bad(at.at("existing"), "an existing issuer is only referred to; leave out %s", types[i])
		}
		return
	}
	if issuer.Group != "cert-manager.io" {
		c.bad(at.at("group"), "only an existing issuer may be of another group; add existing: true")
	}
	c.exactlyOne(at, types, given...)
	c.references(at, reflect.ValueOf(issuer))
	if issuer.CA != nil {
		c.name(at.at("ca").at("secretName"), issuer.CA.SecretName)
	}
	c.acme(at.at("acme"), issuer.ACME)
	c.private(at.at("private"), &issuer)
	c.vault(at.at("vault"), issuer.Vault)
	c.venafi(at.at("venafi"), issuer.Venafi)
}

func (c *checker) acme(at *path, acme *ACME) {
	if acme == nil {
		return
	}
	if u, err := url.Parse(acme.Server); acme.Server != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.bad(at.at("server"), "%q is neither an https URL nor one of letsencrypt, letsencrypt-staging%s", acme.Server, c.hint(acme.Server, sortedKeys(servers)))
	}
	if acme.Email != "" {
		c.email(at.at("email"), acme.Email)
	}
	if len(acme.PreferredChain) > 64 {
		c.bad(at.at("preferredChain"), "is longer than 64 characters; it is the common name of a root")
	}
	if len(acme.CABundle) > 0 && acme.SkipTLSVerify {
		c.bad(at.at("skipTLSVerify"), "is of no use with caBundle; leave it out")
	}
	c.caBundle(at.at("caBundle"), acme.CABundle)
	if key := acme.PrivateKeySecretRef; key != nil {
		c.name(at.at("privateKeySecretRef").at("name"), key.Name)
	}
	c.dnsPersist(at.at("dnsPersist"), acme)
	for i, solver := range acme.Solvers {
		c.solver(at.at("solvers").item(i), solver)
	}
}

func (c *checker) solver(at *path, solver Solver) {
	c.exactlyOne(at, []string{"http01", "dns01"}, solver.HTTP01 != nil, solver.DNS01 != nil)
	if wait := solver.WaitInsteadOfSelfCheck; wait != nil && wait.Duration < 0 {
		c.bad(at.at("waitInsteadOfSelfCheck"), "must not be negative")
	}
	if s := solver.Selector; s != nil {
		c.labels(at.at("selector").at("matchLabels"), s.MatchLabels)
		for i, name := range s.DNSNames {
			c.host(at.at("selector").at("dnsNames").item(i), name)
		}
		for i, zone := range s.DNSZones {
			if bare, wildcard := strings.CutPrefix(zone, "*."); wildcard {
				c.bad(at.at("selector").at("dnsZones").item(i), "%q is a wildcard; a zone holds all names below it, so write %s", zone, bare)
				continue
			}
			c.host(at.at("selector").at("dnsZones").item(i), zone)
		}
	}
	if solver.HTTP01 != nil {
		c.http01(at.at("http01"), *solver.HTTP01)
	}
	if solver.DNS01 != nil {
		c.dns01(at.at("dns01"), solver.DNS01)
	}
}

func (c *checker) http01(at *path, h HTTP01) {
	c.atMostOne(at, []string{"ingressClassName", "class", "ingress", "gatewayHTTPRoute"},
		h.IngressClassName != "", h.Class != "", h.Ingress != nil, h.GatewayHTTPRoute != nil)
	c.name(at.at("ingressClassName"), h.IngressClassName)
	if in := h.Ingress; in != nil {
		at := at.at("ingress")
		c.atMostOne(at, []string{"ingressClassName", "class", "name"}, in.IngressClassName != nil, in.Class != nil, in.Name != "")
		if in.IngressClassName != nil {
			c.name(at.at("ingressClassName"), *in.IngressClassName)
		}
	}
	if gw := h.GatewayHTTPRoute; gw != nil {
		for i, ref := range gw.ParentRefs {
			if ref.Kind == nil {
				c.bad(at.at("gatewayHTTPRoute").at("parentRefs").item(i).at("kind"), "required beside name; Gateway or ListenerSet")
			}
		}
	}
}

func (c *checker) caBundle(at *path, bundle []byte) {
	if len(bundle) == 0 {
		return
	}
	if _, err := pki.Parse(bundle); err != nil {
		for line := range strings.Lines(err.Error()) {
			c.bad(at, "%s", strings.Replace(strings.TrimSpace(line), "line ", "its line ", 1))
		}
	}
}

func joinName(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
