package validation

import (
	"fmt"
	"reflect"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/resolve"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

// fromIssuers checks the private CAs of an entry of trust. An environment may
// change the CAs without changing the entry.
func (c *checker) fromIssuers(at *strictyaml.Path, t *v1alpha1.Trust, index *resolve.Index) {
	seen := map[string]*strictyaml.Path{}
	var roots []v1alpha1.Certificate
	for i, name := range t.FromIssuers {
		at := at.At("fromIssuers").Item(i)
		c.unique(seen, "issuer", name, at)
		issuer := index.FromIssuer(t, name)
		if issuer == nil {
			issuer = c.outOfReach(at, t, name)
		}
		if issuer == nil {
			continue
		}
		roots = append(roots, issuer.Root())
		if issuer.Private.PrivateKey.RotationPolicy == cm.RotationPolicyAlways {
			c.bad(at, "rotationPolicy: Always gives the root of %s a new key at renewal, and certificates of the old key lose trust at once; leave it out, or %s", name, copyOf(issuer.Root()))
		}
	}
	if n := sources(t); n > maxSources {
		c.bad(at.At("fromIssuers"), "needs %d sources, and a Bundle of trust-manager may have %d; put copies of the roots in from, which is one source, or add an entry", n, maxSources)
	}
	if len(roots) > 0 {
		c.needFiles(at.At("to"), t, roots[0])
	}
}

// maxSources is trust-manager's limit for the sources of a Bundle and the
// Secrets of a ClusterBundle.
const maxSources = 100

// sources counts the sources of the bundle in trust-manager.
func sources(t *v1alpha1.Trust) int {
	m := t.To.TrustManager
	if m == nil {
		return 0
	}
	n := len(t.FromIssuers)
	if m.Version == v1alpha1.Bundle && len(t.From) > 0 {
		n++
	}
	if m.Version == v1alpha1.Bundle && m.DefaultCAs {
		n++
	}
	return n
}

// outOfReach returns why trust-manager cannot read the root of an issuer, and
// the issuer if it is a private CA.
func (c *checker) outOfReach(at *strictyaml.Path, t *v1alpha1.Trust, name string) *v1alpha1.Issuer {
	if c.Full() {
		return nil
	}
	var named *v1alpha1.Issuer
	var known []string
	for i := range c.certs.Issuers {
		issuer := &c.certs.Issuers[i]
		if issuer.Name == name && (named == nil || named.Private == nil) {
			named = issuer
		}
		if issuer.Private != nil {
			known = append(known, issuer.Name)
		}
	}
	switch {
	case named == nil:
		c.bad(at, "no issuer %q here%s", name, c.Suggest(name, known))
		return nil
	case named.Private == nil:
		c.bad(at, "issuer %s has no private, so its root is not in the cluster; put its root into a file and name the file in from", name)
		return nil
	case t.To.TrustManager != nil:
		root := named.Root()
		c.bad(at, "Secret %s is in namespace %s, and trust-manager reads Secrets in %s; write trustNamespace: %s if it runs with --trust-namespace %s, else %s",
			root.SecretName, root.Namespace, t.To.TrustManager.TrustNamespace, root.Namespace, root.Namespace, copyOf(root))
	}
	return named
}

// needFiles reports the targets that are generated from certificate files. A
// root of fromIssuers exists only in the cluster.
func (c *checker) needFiles(at *strictyaml.Path, t *v1alpha1.Trust, root v1alpha1.Certificate) {
	fields := schema.Format.FieldsOf(reflect.TypeFor[v1alpha1.Targets]())
	for _, name := range fields.Names {
		if name == "trust-manager" || name == "pods" || reflect.ValueOf(t.To).FieldByIndex(fields.ByName[name].Index).IsNil() {
			continue
		}
		c.bad(at.At(name), "is generated from files, and this root exists only in the cluster; %s", copyOf(root))
	}
	if p := t.To.Pods; p != nil && p.Mount == "" {
		c.bad(at.At("pods"), "has a ConfigMap that is generated from files, and this root exists only in the cluster; write mount: trust-manager, or %s", copyOf(root))
	}
}

// oneTrustNamespace reports entries with different trust namespaces.
func (c *checker) oneTrustNamespace(at *strictyaml.Path) {
	first := -1
	for i := range c.certs.Trust {
		t := &c.certs.Trust[i]
		m := t.To.TrustManager
		if m == nil || len(t.FromIssuers) == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		if other := c.certs.Trust[first].To.TrustManager.TrustNamespace; other != m.TrustNamespace {
			c.bad(at.Item(i).At("to").At("trust-manager").At("trustNamespace"), "is %s, but %s in trust[%d]; a cluster has only one trust-manager", m.TrustNamespace, other, first)
		}
	}
}

// copyOf returns how to use a copy of a root instead. The command comes last,
// to be easy to copy.
func copyOf(root v1alpha1.Certificate) string {
	issuer := strings.TrimSuffix(root.Name, "-ca")
	file := "ca/" + issuer + ".pem"
	return fmt.Sprintf("write from: [%s] instead of fromIssuers: [%s], and create that file after the first apply: kubectl get secret -n %s %s -o yaml | kubectl certs trust bundle - > %s",
		file, issuer, root.Namespace, root.SecretName, file)
}
