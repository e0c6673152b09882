package spec

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// The rules for issuers are those of cert-manager's webhook
// (internal/apis/certmanager/validation/issuer.go), told before anything is applied.

func (c *checker) issuers(at *path) {
	seen := map[string]int{}
	for i, issuer := range c.certs.Issuers {
		at := at.item(i)
		c.issuer(at, issuer)
		c.unique(seen, string(issuer.Kind)+" "+joinName(issuer.Namespace, issuer.Name), i, at.at("name"), "issuers")
	}
}

func (c *checker) issuer(at *path, issuer Issuer) {
	c.name(at.at("name"), issuer.Name)
	c.label(at.at("namespace"), issuer.Namespace)
	c.labels(at.at("labels"), issuer.Labels)
	c.annotations(at.at("annotations"), issuer.Annotations)
	foreign := issuer.Existing && issuer.Group != "cert-manager.io"
	switch {
	case !foreign && issuer.Kind != ClusterIssuer && issuer.Kind != NamespacedIssuer:
		c.bad(at.at("kind"), "%q is none of ClusterIssuer, Issuer", issuer.Kind)
	case issuer.Kind == ClusterIssuer && issuer.Namespace != "":
		c.bad(at.at("namespace"), "a ClusterIssuer has no namespace; its Secrets are read from cert-manager's own")
	}
	types := []string{"acme", "ca", "selfSigned", "vault", "venafi"}
	given := []bool{issuer.ACME != nil, issuer.CA != nil, issuer.SelfSigned != nil, issuer.Vault != nil, issuer.Venafi != nil}
	if issuer.Existing {
		if slices.Contains(given, true) {
			c.bad(at.at("existing"), "an existing issuer is only referred to; leave out %s", strings.Join(types, ", "))
		}
		return
	}
	if issuer.Group != "cert-manager.io" {
		c.bad(at.at("group"), "only an existing issuer may be of another group; add existing: true")
	}
	c.exactlyOne(at, types, given...)
	c.references(at, reflect.ValueOf(issuer))
	c.acme(at.at("acme"), issuer.ACME)
	c.vault(at.at("vault"), issuer.Vault)
	c.venafi(at.at("venafi"), issuer.Venafi)
}

func (c *checker) acme(at *path, acme *ACME) {
	if acme == nil {
		return
	}
	if u, err := url.Parse(acme.Server); acme.Server != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.bad(at.at("server"), "%q is neither an https URL nor one of letsencrypt, letsencrypt-staging%s", acme.Server, hint(acme.Server, sortedKeys(servers)))
	}
	if acme.Email != "" && !strings.Contains(acme.Email, "@") {
		c.bad(at.at("email"), "%q is no e-mail address", acme.Email)
	}
	if len(acme.PreferredChain) > 64 {
		c.bad(at.at("preferredChain"), "is longer than 64 characters; it is the common name of a root")
	}
	if len(acme.CABundle) > 0 && acme.SkipTLSVerify {
		c.bad(at.at("skipTLSVerify"), "excludes caBundle; keep caBundle")
	}
	c.caBundle(at.at("caBundle"), acme.CABundle)
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

// references checks every selector of a Secret below a value: cert-manager
// would look for a Secret of the name as written.
func (c *checker) references(at *path, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			c.references(at, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.references(at.item(i), v.Index(i))
		}
	case reflect.Struct:
		if ref, ok := v.Interface().(cmmeta.SecretKeySelector); ok {
			c.name(at.at("name"), ref.Name)
			return
		}
		fields := fieldsOf(v.Type())
		for _, name := range fields.names {
			c.references(at.at(name), v.FieldByIndex(fields.byName[name].index))
		}
	}
}

func (c *checker) caBundle(at *path, bundle []byte) {
	if len(bundle) == 0 {
		return
	}
	if _, err := pki.Parse(bundle); err != nil {
		c.bad(at, "%v", err)
	}
}

func (c *checker) vault(at *path, v *cm.VaultIssuer) {
	if v == nil {
		return
	}
	if slices.Contains(strings.Split(v.Path, "/"), "..") {
		c.bad(at.at("path"), "must not contain ..")
	}
	c.atMostOne(at, []string{"caBundle", "caBundleSecretRef"}, len(v.CABundle) > 0, v.CABundleSecretRef != nil)
	c.caBundle(at.at("caBundle"), v.CABundle)
	if (v.ClientCertSecretRef == nil) != (v.ClientKeySecretRef == nil) {
		c.bad(at, "needs both clientCertSecretRef and clientKeySecretRef, or neither")
	}
	auth, a := at.at("auth"), v.Auth
	c.exactlyOne(auth, []string{"tokenSecretRef", "appRole", "clientCertificate", "kubernetes", "aws"},
		a.TokenSecretRef != nil, a.AppRole != nil, a.ClientCertificate != nil, a.Kubernetes != nil, a.AWS != nil)
	if k := a.Kubernetes; k != nil {
		c.exactlyOne(auth.at("kubernetes"), []string{"secretRef", "serviceAccountRef"}, k.SecretRef.Name != "", k.ServiceAccountRef != nil)
	}
}

func (c *checker) venafi(at *path, v *cm.VenafiIssuer) {
	if v == nil {
		return
	}
	c.exactlyOne(at, []string{"tpp", "cloud", "ngts"}, v.TPP != nil, v.Cloud != nil, v.NGTS != nil)
	if v.TPP != nil {
		c.atMostOne(at.at("tpp"), []string{"caBundle", "caBundleSecretRef"}, len(v.TPP.CABundle) > 0, v.TPP.CABundleSecretRef != nil)
		c.caBundle(at.at("tpp").at("caBundle"), v.TPP.CABundle)
	}
}

func joinName(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func isDNSLabel(s string) bool { return len(validation.IsDNS1123Label(s)) == 0 }
