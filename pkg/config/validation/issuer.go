package validation

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// The rules for issuers are those of cert-manager's webhook
// (internal/apis/certmanager/validation/issuer.go), checked before anything is
// applied.

func (c *checker) issuers(at *strictyaml.Path) {
	seen := map[string]*strictyaml.Path{}
	for i, issuer := range c.certs.Issuers {
		at := at.Item(i)
		c.issuer(at, issuer)
		c.unique(seen, "issuer", resolve.FullName(issuer.Namespace, issuer.Name), at.At("name"))
	}
	c.helpers(seen)
}

func (c *checker) issuer(at *strictyaml.Path, issuer v1alpha1.Issuer) {
	c.name(at.At("name"), issuer.Name)
	c.label(at.At("namespace"), issuer.Namespace)
	c.labels(at.At("labels"), issuer.Labels)
	c.annotations(at.At("annotations"), issuer.Annotations)
	foreign := issuer.Existing && issuer.Group != "cert-manager.io"
	switch {
	case !foreign && issuer.Kind != v1alpha1.ClusterIssuer && issuer.Kind != v1alpha1.NamespacedIssuer:
		c.bad(at.At("kind"), "%q must be ClusterIssuer or Issuer; any other kind needs existing: true and its group%s",
			issuer.Kind, c.Suggest(string(issuer.Kind), []string{string(v1alpha1.ClusterIssuer), string(v1alpha1.NamespacedIssuer)}))
	case issuer.Kind == v1alpha1.ClusterIssuer && issuer.Namespace != "":
		c.bad(at.At("namespace"), "a ClusterIssuer has no namespace; its Secrets are in cert-manager's cluster resource namespace (default cert-manager)")
	}
	types := []string{"acme", "ca", "private", "selfSigned", "vault", "venafi"}
	given := []bool{issuer.ACME != nil, issuer.CA != nil, issuer.Private != nil, issuer.SelfSigned != nil, issuer.Vault != nil, issuer.Venafi != nil}
	if issuer.Existing {
		if i := slices.Index(given, true); i >= 0 {
			c.bad(at.At("existing"), "an existing issuer is not generated; leave out %s", types[i])
		}
		return
	}
	if issuer.Group != "cert-manager.io" {
		c.bad(at.At("group"), "only an existing issuer may have another group; add existing: true")
	}
	c.exactlyOne(at, types, given...)
	c.references(at, reflect.ValueOf(issuer))
	if issuer.CA != nil {
		c.name(at.At("ca").At("secretName"), issuer.CA.SecretName)
	}
	c.acme(at.At("acme"), issuer.ACME)
	c.private(at.At("private"), &issuer)
	c.vault(at.At("vault"), issuer.Vault)
	c.venafi(at.At("venafi"), issuer.Venafi)
}

func (c *checker) acme(at *strictyaml.Path, acme *v1alpha1.ACME) {
	if acme == nil {
		return
	}
	if u, err := url.Parse(acme.Server); acme.Server != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.bad(at.At("server"), "%q must be an https URL, letsencrypt or letsencrypt-staging%s", acme.Server, c.Suggest(acme.Server, slices.Sorted(maps.Keys(v1alpha1.Servers))))
	}
	if acme.Email != "" {
		c.email(at.At("email"), acme.Email)
	}
	if len(acme.PreferredChain) > 64 {
		c.bad(at.At("preferredChain"), "is longer than 64 characters; use the common name of a root")
	}
	if len(acme.CABundle) > 0 && acme.SkipTLSVerify {
		c.bad(at.At("skipTLSVerify"), "has no effect with caBundle; leave it out")
	}
	c.caBundle(at.At("caBundle"), acme.CABundle)
	if key := acme.PrivateKeySecretRef; key != nil {
		c.name(at.At("privateKeySecretRef").At("name"), key.Name)
	}
	c.dnsPersist(at.At("dnsPersist"), acme)
	for i, solver := range acme.Solvers {
		c.solver(at.At("solvers").Item(i), solver)
	}
}

func (c *checker) solver(at *strictyaml.Path, solver v1alpha1.Solver) {
	c.exactlyOne(at, []string{"http01", "dns01"}, solver.HTTP01 != nil, solver.DNS01 != nil)
	if wait := solver.WaitInsteadOfSelfCheck; wait != nil && wait.Duration < 0 {
		c.bad(at.At("waitInsteadOfSelfCheck"), "must not be negative")
	}
	if s := solver.Selector; s != nil {
		c.labels(at.At("selector").At("matchLabels"), s.MatchLabels)
		for i, name := range s.DNSNames {
			c.host(at.At("selector").At("dnsNames").Item(i), name)
		}
		for i, zone := range s.DNSZones {
			if bare, wildcard := strings.CutPrefix(zone, "*."); wildcard {
				c.bad(at.At("selector").At("dnsZones").Item(i), "%q is a wildcard; a zone includes all names below it, so write %s", zone, bare)
				continue
			}
			c.host(at.At("selector").At("dnsZones").Item(i), zone)
		}
	}
	if solver.HTTP01 != nil {
		c.http01(at.At("http01"), *solver.HTTP01)
	}
	if solver.DNS01 != nil {
		c.dns01(at.At("dns01"), solver.DNS01)
	}
}

func (c *checker) http01(at *strictyaml.Path, h v1alpha1.HTTP01) {
	c.atMostOne(at, []string{"ingressClassName", "class", "ingress", "gatewayHTTPRoute"},
		h.IngressClassName != "", h.Class != "", h.Ingress != nil, h.GatewayHTTPRoute != nil)
	c.name(at.At("ingressClassName"), h.IngressClassName)
	if in := h.Ingress; in != nil {
		at := at.At("ingress")
		c.atMostOne(at, []string{"ingressClassName", "class", "name"}, in.IngressClassName != nil, in.Class != nil, in.Name != "")
		if in.IngressClassName != nil {
			c.name(at.At("ingressClassName"), *in.IngressClassName)
		}
	}
	if gw := h.GatewayHTTPRoute; gw != nil {
		for i, ref := range gw.ParentRefs {
			if ref.Kind == nil {
				c.bad(at.At("gatewayHTTPRoute").At("parentRefs").Item(i).At("kind"), "required with name; use Gateway or ListenerSet")
			}
		}
	}
}

func (c *checker) vault(at *strictyaml.Path, v *cm.VaultIssuer) {
	if v == nil {
		return
	}
	c.vaultPath(at.At("path"), v.Path)
	c.atMostOne(at, []string{"caBundle", "caBundleSecretRef"}, len(v.CABundle) > 0, v.CABundleSecretRef != nil)
	c.caBundle(at.At("caBundle"), v.CABundle)
	if (v.ClientCertSecretRef == nil) != (v.ClientKeySecretRef == nil) {
		c.bad(at, "needs both clientCertSecretRef and clientKeySecretRef, or neither")
	}
	c.vaultAuth(at.At("auth"), v.Auth)
}

func (c *checker) vaultPath(at *strictyaml.Path, value string) {
	if slices.Contains(strings.Split(value, "/"), "..") {
		c.bad(at, "must not contain ..")
	}
}

func (c *checker) vaultAuth(auth *strictyaml.Path, a cm.VaultAuth) {
	c.exactlyOne(auth, []string{"tokenSecretRef", "appRole", "clientCertificate", "kubernetes", "aws"},
		a.TokenSecretRef != nil, a.AppRole != nil, a.ClientCertificate != nil, a.Kubernetes != nil, a.AWS != nil)
	if a.AppRole != nil {
		c.vaultPath(auth.At("appRole").At("path"), a.AppRole.Path)
	}
	if a.ClientCertificate != nil {
		c.vaultPath(auth.At("clientCertificate").At("mountPath"), a.ClientCertificate.Path)
	}
	if k := a.Kubernetes; k != nil {
		c.vaultPath(auth.At("kubernetes").At("mountPath"), k.Path)
		c.exactlyOne(auth.At("kubernetes"), []string{"secretRef", "serviceAccountRef"}, k.SecretRef.Name != "", k.ServiceAccountRef != nil)
	}
	if w := a.AWS; w != nil {
		c.vaultPath(auth.At("aws").At("mountPath"), w.MountPath)
		if w.ServiceAccountRef != nil && w.IAMRoleARN == "" {
			c.bad(auth.At("aws").At("iamRoleArn"), "required with serviceAccountRef")
		}
	}
}

func (c *checker) venafi(at *strictyaml.Path, v *cm.VenafiIssuer) {
	if v == nil {
		return
	}
	c.exactlyOne(at, []string{"tpp", "cloud", "ngts"}, v.TPP != nil, v.Cloud != nil, v.NGTS != nil)
	if v.TPP != nil {
		c.atMostOne(at.At("tpp"), []string{"caBundle", "caBundleSecretRef"}, len(v.TPP.CABundle) > 0, v.TPP.CABundleSecretRef != nil)
		c.caBundle(at.At("tpp").At("caBundle"), v.TPP.CABundle)
	}
}

func (c *checker) caBundle(at *strictyaml.Path, bundle []byte) {
	if len(bundle) == 0 {
		return
	}
	if _, err := pki.Parse(bundle); err != nil {
		for line := range strings.Lines(err.Error()) {
			c.bad(at, "%s", strings.Replace(strings.TrimSpace(line), "line ", "its line ", 1))
		}
	}
}
