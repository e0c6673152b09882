package spec

import (
	"net/netip"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

func (c *checker) targets(at *path, t *Trust) {
	if reflect.ValueOf(t.To).IsZero() {
		c.bad(at, "needs one of %s at least", strings.Join(fieldsOf(reflect.TypeFor[Targets]()).names, ", "))
	}
	c.trustManager(at.at("trust-manager"), t.To.TrustManager)
	c.clusterTrustBundle(at.at("cluster-trust-bundle"), t)
	if m := t.To.ConfigMap; m != nil {
		c.namespaces(at.at("configmap").at("namespaces"), m.Namespaces)
	}
	if o := t.To.OpenShift; o != nil {
		c.namespaces(at.at("openshift").at("namespaces"), o.Namespaces)
	}
	c.gke(at.at("gke"), t.To.GKE)
	for _, r := range []struct {
		name string
		*Registries
	}{{"k3s", t.To.K3s}, {"rke2", t.To.RKE2}, {"containerd", t.To.Containerd}} {
		if r.Registries != nil {
			c.registries(at.at(r.name).at("hosts"), r.Hosts)
		}
	}
	c.pods(at.at("pods"), t)
}

func (c *checker) trustManager(at *path, m *TrustManager) {
	if m == nil {
		return
	}
	c.label(at.at("trustNamespace"), m.TrustNamespace)
	if m.Namespaces == nil {
		return
	}
	at = at.at("namespaces").at("matchLabels")
	c.matchLabels(at, m.Namespaces.MatchLabels)
	if len(m.Namespaces.MatchLabels) == 0 && at.isGiven(c.root) {
		c.bad(at, "selects all namespaces; leave out namespaces")
	}
}

func (c *checker) namespaces(at *path, names []string) {
	seen := map[string]int{}
	for i, name := range names {
		if name == "" {
			c.bad(at.item(i), "is empty")
		}
		c.label(at.item(i), name)
		c.unique(seen, name, i, at.item(i), "namespaces")
	}
}

func (c *checker) clusterTrustBundle(at *path, t *Trust) {
	b := t.To.ClusterTrustBundle
	if b == nil || b.SignerName == "" {
		return
	}
	domain, name, found := strings.Cut(b.SignerName, "/")
	switch {
	case !found || !strings.Contains(domain, ".") || len(validation.IsDNS1123Subdomain(domain)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0:
		c.bad(at.at("signerName"), "%q is no signer; write one such as example.com/corp", b.SignerName)
	case len(t.ClusterTrustBundleName()) > validation.DNS1123SubdomainMaxLength:
		c.bad(at.at("signerName"), "makes an object name longer than 253 characters")
	}
}

// secretURI is a version of a secret in Google's Secret Manager.
var secretURI = regexp.MustCompile(`^projects/[^/\s]+/(locations/[^/\s]+/)?secrets/[^/\s]+/versions/[^/\s]+$`)

func (c *checker) gke(at *path, g *GKE) {
	if g == nil {
		return
	}
	if g.SecretURI != "" && !secretURI.MatchString(g.SecretURI) {
		c.bad(at.at("secretURI"), "%q is no secret; write one such as projects/example/secrets/roots/versions/1", g.SecretURI)
	}
	c.registries(at.at("hosts"), g.Hosts)
}

func (c *checker) registries(at *path, hosts []string) {
	seen := map[string]int{}
	for i, host := range hosts {
		if rule := registryRule(host); rule != "" {
			c.bad(at.item(i), "%q %s", host, rule)
		}
		c.unique(seen, host, i, at.item(i), "hosts")
	}
}

// registryRule says what is wrong with the name of a registry, "" if nothing is.
func registryRule(registry string) string {
	host, port, hasPort := strings.Cut(registry, ":")
	number, err := strconv.ParseUint(port, 10, 16)
	if _, notIP := netip.ParseAddr(host); notIP == nil {
		host = "ip.example.com"
	}
	switch rule := hostRule(host); {
	case strings.ContainsAny(registry, "/"):
		return "is a URL or has a path; write the registry's host name, and its port"
	case strings.HasPrefix(registry, "*"):
		return "is a wildcard; write out every registry"
	case rule != "":
		return rule
	case hasPort && (err != nil || number == 0):
		return "has no port behind its colon; write one such as registry.example.com:5000"
	}
	return ""
}
