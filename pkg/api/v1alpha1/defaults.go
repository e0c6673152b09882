package v1alpha1

import (
	"cmp"
	"maps"
	"slices"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SetDefaults sets the defaults of optional fields and expands the shorthands,
// so that only the parser handles them.
func SetDefaults(c *Certs) {
	setResponderDefaults(&c.Responder)
	for i := range c.Issuers {
		setIssuerDefaults(&c.Issuers[i])
	}
	for i := range c.Expose {
		setExposeDefaults(&c.Expose[i])
	}
	for i := range c.Certificates {
		setCertificateDefaults(&c.Certificates[i])
	}
	for i := range c.Trust {
		setTrustDefaults(&c.Trust[i])
	}
}

// The ACME directories of Let's Encrypt.
const (
	LetsEncrypt        = "https://acme-v02.api.letsencrypt.org/directory"
	LetsEncryptStaging = "https://acme-staging-v02.api.letsencrypt.org/directory"
)

// Servers are the ACME directories that certs.yaml can name, by name.
var Servers = map[string]string{
	"letsencrypt":         LetsEncrypt,
	"letsencrypt-staging": LetsEncryptStaging,
}

func setResponderDefaults(r *Responder) {
	r.Namespace = cmp.Or(r.Namespace, "kubectl-certs")
	r.Service = cmp.Or(r.Service, "certs-responder")
	r.Port = cmp.Or(r.Port, 80)
}

func setIssuerDefaults(i *Issuer) {
	if i.Kind == "" {
		i.Kind = ClusterIssuer
		if i.Namespace != "" {
			i.Kind = NamespacedIssuer
		}
	}
	i.Group = cmp.Or(i.Group, "cert-manager.io")
	setPrivateDefaults(i)
	if i.ACME == nil {
		return
	}
	acme := *i.ACME // the struct may be shared with the base
	acme.Server = cmp.Or(Servers[acme.Server], acme.Server)
	if acme.PrivateKeySecretRef == nil && i.Name != "" {
		acme.PrivateKeySecretRef = &AccountKey{Name: i.Name + "-account-key"}
	}
	if p := acme.DNSPersist; p != nil && p.IssuerDomain == "" && IsLetsEncrypt(acme.Server) {
		persist := *p
		persist.IssuerDomain = "letsencrypt.org"
		acme.DNSPersist = &persist
	}
	i.ACME = &acme
}

func setPrivateDefaults(i *Issuer) {
	if i.Private == nil {
		return
	}
	private := *i.Private // the struct may be shared with the base
	private.Namespace = cmp.Or(private.Namespace, i.Namespace, "cert-manager")
	if private.Duration == nil {
		private.Duration = &metav1.Duration{Duration: 10 * 365 * 24 * time.Hour}
	}
	key := cm.CertificatePrivateKey{Algorithm: cm.ECDSAKeyAlgorithm}
	if private.PrivateKey != nil {
		key = *private.PrivateKey
	}
	key.RotationPolicy = cmp.Or(key.RotationPolicy, cm.RotationPolicyNever)
	private.PrivateKey = &key
	i.Private = &private
}

// IsLetsEncrypt reports whether an ACME directory is one of Let's Encrypt.
func IsLetsEncrypt(server string) bool {
	return slices.Contains(slices.Collect(maps.Values(Servers)), server)
}

func setExposeDefaults(e *Expose) {
	e.As = cmp.Or(e.As, Ingress)
	if e.Host != "" && len(e.Hosts) == 0 {
		e.Hosts = []string{e.Host}
	}
	if e.SecretName == "" && e.Name != "" {
		e.SecretName = e.Name + "-tls"
	}
	if e.Gateway != nil && e.Gateway.Namespace == "" {
		gateway := *e.Gateway
		gateway.Namespace = e.Namespace
		e.Gateway = &gateway
	}
}

func setCertificateDefaults(c *Certificate) {
	c.SecretName = cmp.Or(c.SecretName, c.Name)
}

// setTrustDefaults replaces the structs it changes, which may be shared with
// the base.
func setTrustDefaults(t *Trust) {
	if m := t.To.TrustManager; m != nil {
		changed := *m
		changed.Version = cmp.Or(m.Version, Bundle)
		changed.TrustNamespace = cmp.Or(m.TrustNamespace, "cert-manager")
		t.To.TrustManager = &changed
	}
	if b := t.To.ClusterTrustBundle; b != nil {
		changed := *b
		changed.Version = cmp.Or(b.Version, V1Beta1)
		t.To.ClusterTrustBundle = &changed
	}
	if p := t.To.Pods; p != nil {
		changed := *p
		if p.MatchLabels == nil {
			changed.MatchLabels = map[string]string{TrustLabel: t.Name}
		}
		if p.Variables == nil {
			changed.Variables = fileVariables
		}
		t.To.Pods = &changed
	}
}
