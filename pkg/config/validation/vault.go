package validation

import (
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/strictyaml"
)

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
			c.bad(auth.At("aws").At("iamRoleArn"), "required beside serviceAccountRef")
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
