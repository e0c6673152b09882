package validation

import (
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/config/schema"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) targets(at *strictyaml.Path, t *v1alpha1.Trust) {
	if reflect.ValueOf(t.To).IsZero() {
		c.bad(at, "needs at least one of %s", strings.Join(schema.Format.FieldsOf(reflect.TypeFor[v1alpha1.Targets]()).Names, ", "))
	}
	c.trustManager(at.At("trust-manager"), t.To.TrustManager)
	c.clusterTrustBundle(at.At("cluster-trust-bundle"), t)
	if m := t.To.ConfigMap; m != nil {
		c.namespaces(at.At("configmap").At("namespaces"), m.Namespaces)
	}
	if o := t.To.OpenShift; o != nil {
		c.namespaces(at.At("openshift").At("namespaces"), o.Namespaces)
	}
	c.gke(at.At("gke"), t.To.GKE)
	for _, r := range []struct {
		name string
		*v1alpha1.Registries
	}{{"k3s", t.To.K3s}, {"rke2", t.To.RKE2}, {"containerd", t.To.Containerd}} {
		if r.Registries != nil {
			c.registries(at.At(r.name).At("hosts"), r.Hosts)
		}
	}
	c.pods(at.At("pods"), t)
}

func (c *checker) trustManager(at *strictyaml.Path, m *v1alpha1.TrustManager) {
	if m == nil {
		return
	}
	c.label(at.At("trustNamespace"), m.TrustNamespace)
	if m.Namespaces == nil {
		return
	}
	at = at.At("namespaces").At("matchLabels")
	c.matchLabels(at, m.Namespaces.MatchLabels)
	if len(m.Namespaces.MatchLabels) == 0 && at.IsGiven(c.root) {
		c.bad(at, "selects all namespaces; leave out namespaces")
	}
}

func (c *checker) clusterTrustBundle(at *strictyaml.Path, t *v1alpha1.Trust) {
	b := t.To.ClusterTrustBundle
	if b == nil || b.SignerName == "" {
		return
	}
	domain, name, found := strings.Cut(b.SignerName, "/")
	switch {
	case !found || !strings.Contains(domain, ".") || len(validation.IsDNS1123Subdomain(domain)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0:
		c.bad(at.At("signerName"), "invalid signer name %q: use a form such as example.com/corp", b.SignerName)
	case len(t.ClusterTrustBundleName()) > validation.DNS1123SubdomainMaxLength:
		c.bad(at.At("signerName"), "makes an object name longer than 253 characters")
	}
}

func (c *checker) namespaces(at *strictyaml.Path, names []string) {
	seen := map[string]*strictyaml.Path{}
	for i, name := range names {
		if name == "" {
			c.bad(at.Item(i), "is empty")
		}
		c.label(at.Item(i), name)
		c.unique(seen, "namespace", name, at.Item(i))
	}
}

func (c *checker) gke(at *strictyaml.Path, g *v1alpha1.GKE) {
	if g == nil {
		return
	}
	if g.SecretURI != "" && !secretURI.MatchString(g.SecretURI) {
		c.bad(at.At("secretURI"), "invalid secret version %q: use a form such as projects/example/secrets/roots/versions/1", g.SecretURI)
	}
	c.registries(at.At("hosts"), g.Hosts)
}

// secretURI is a version of a secret in Google's Secret Manager.
var secretURI = regexp.MustCompile(`^projects/[^/\s]+/(locations/[^/\s]+/)?secrets/[^/\s]+/versions/[^/\s]+$`)

func (c *checker) registries(at *strictyaml.Path, hosts []string) {
	seen := map[string]*strictyaml.Path{}
	for i, host := range hosts {
		if rule := registryRule(host); rule != "" {
			c.bad(at.Item(i), "%q %s", host, rule)
		}
		c.unique(seen, "host", host, at.Item(i))
	}
}

// registryRule returns the rule that a registry's name breaks, "" if it is
// valid.
func registryRule(registry string) string {
	host, port, hasPort := strings.Cut(registry, ":")
	number, err := strconv.ParseUint(port, 10, 16)
	if _, notIP := netip.ParseAddr(host); notIP == nil {
		host = "ip.example.com"
	}
	switch rule := hostRule(host); {
	case strings.ContainsAny(registry, "/"):
		return "is a URL or has a path; write only the registry's host name and port"
	case strings.HasPrefix(registry, "*"):
		return "is a wildcard; list every registry"
	case rule != "":
		return rule
	case hasPort && (err != nil || number == 0):
		return "has no valid port after the colon; use a form such as registry.example.com:5000"
	}
	return ""
}

func (c *checker) pods(at *strictyaml.Path, t *v1alpha1.Trust) {
	p := t.To.Pods
	if p == nil {
		return
	}
	if len(p.MatchLabels) == 0 {
		c.bad(at.At("matchLabels"), "selects all workloads; leave it out, or add a label")
	}
	c.matchLabels(at.At("matchLabels"), p.MatchLabels)
	seen := map[string]*strictyaml.Path{}
	for i, v := range p.Variables {
		c.unique(seen, "variable", string(v), at.At("variables").Item(i))
	}
	if i := slices.Index(p.Variables, v1alpha1.JavaToolOptions); i >= 0 && (p.Mount == v1alpha1.MountOpenShift || p.Mount == v1alpha1.MountClusterTrustBundle) {
		c.bad(at.At("variables").Item(i), "needs a trust store for Java, which %s does not have", p.Mount)
	}
	c.mount(at.At("mount"), t)
}

// mount checks that the target of the mounted object exists.
func (c *checker) mount(at *strictyaml.Path, t *v1alpha1.Trust) {
	switch to := t.To; {
	case to.Pods.Mount == v1alpha1.MountTrustManager && to.TrustManager == nil,
		to.Pods.Mount == v1alpha1.MountOpenShift && to.OpenShift == nil,
		to.Pods.Mount == v1alpha1.MountClusterTrustBundle && to.ClusterTrustBundle == nil:
		c.bad(at, "%s is not a target of this entry", to.Pods.Mount)
	case to.Pods.Mount == v1alpha1.MountOpenShift && len(to.OpenShift.Namespaces) == 0:
		c.bad(at, "openshift has no namespaces in this entry, so there is no ConfigMap to mount")
	}
}
