package validation

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

func (c *checker) options(at *strictyaml.Path, o v1alpha1.Options) {
	if len(o.CommonName) > 64 {
		c.bad(at.At("commonName"), "is longer than 64 characters; leave it out, because clients use dnsNames")
	}
	lifetime := cm.DefaultCertificateDuration
	if o.Duration != nil {
		if lifetime = o.Duration.Duration; lifetime < cm.MinimumCertificateDuration {
			c.bad(at.At("duration"), "must be at least 1h")
		}
	}
	if o.RenewBefore != nil {
		switch before := o.RenewBefore.Duration; {
		case before < cm.MinimumRenewBefore:
			c.bad(at.At("renewBefore"), "must be at least 5m")
		case before >= lifetime:
			c.bad(at.At("renewBefore"), "must be less than the duration of %s", shortDuration(lifetime))
		}
	}
	c.atMostOne(at, []string{"renewBefore", "renewBeforePercentage"}, o.RenewBefore != nil, o.RenewBeforePercentage != nil)
	if p := o.RenewBeforePercentage; p != nil && (*p < 1 || *p > 99) {
		c.bad(at.At("renewBeforePercentage"), "must be from 1 to 99")
	}
	if n := o.RevisionHistoryLimit; n != nil && *n < 1 {
		c.bad(at.At("revisionHistoryLimit"), "must be at least 1")
	}
	c.privateKey(at.At("privateKey"), o.PrivateKey)
	c.keystores(at.At("keystores"), o.Keystores)
	c.references(at.At("keystores"), reflect.ValueOf(o.Keystores))
	c.secretTemplate(at.At("secretTemplate"), o.SecretTemplate)
	c.renewal(at.At("renewal"), o.Renewal)
	formats := map[string]*strictyaml.Path{}
	for i, f := range o.AdditionalOutputFormats {
		c.unique(formats, "format", string(f.Type), at.At("additionalOutputFormats").Item(i).At("type"))
	}
}

func (c *checker) secretTemplate(at *strictyaml.Path, t *cm.CertificateSecretTemplate) {
	if t == nil {
		return
	}
	c.labels(at.At("labels"), t.Labels)
	c.annotations(at.At("annotations"), t.Annotations)
	for _, key := range slices.Sorted(maps.Keys(t.Annotations)) {
		if strings.HasPrefix(key, "cert-manager.io/") && key != cm.AllowsInjectionFromSecretAnnotation {
			c.bad(at.At("annotations").At(key), "cert-manager.io/ is reserved for cert-manager; leave it out")
		}
	}
}

func (c *checker) privateKey(at *strictyaml.Path, key *cm.CertificatePrivateKey) {
	if key == nil || key.Size == 0 || c.misshapen[at.At("algorithm").String()] {
		return
	}
	switch key.Algorithm {
	case cm.ECDSAKeyAlgorithm:
		if !slices.Contains([]int{256, 384, 521}, key.Size) {
			c.bad(at.At("size"), "must be 256, 384 or 521 for ECDSA")
		}
	case cm.Ed25519KeyAlgorithm:
		c.bad(at.At("size"), "Ed25519 has a fixed size; leave it out")
	default:
		if key.Size < 2048 || key.Size > 8192 {
			c.bad(at.At("size"), "must be from 2048 to 8192 for RSA")
		}
	}
}

func (c *checker) keystores(at *strictyaml.Path, k *cm.CertificateKeystores) {
	if k == nil {
		return
	}
	if k.JKS != nil {
		c.password(at.At("jks"), k.JKS.Password, k.JKS.PasswordSecretRef)
	}
	if k.PKCS12 != nil {
		c.password(at.At("pkcs12"), k.PKCS12.Password, k.PKCS12.PasswordSecretRef)
	}
}

func (c *checker) password(at *strictyaml.Path, password *string, ref cmmeta.SecretKeySelector) {
	switch {
	case password != nil:
		c.bad(at.At("password"), "would be in clear text in Git; use passwordSecretRef")
	case ref.Name == "" && !at.At("passwordSecretRef").IsGiven(c.root):
		c.bad(at.At("passwordSecretRef"), "required: the Secret that holds the password")
	}
}

func shortDuration(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return d.String()
}
