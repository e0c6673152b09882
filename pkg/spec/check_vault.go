package spec

import (
	"slices"
	"strings"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
)

func (c *checker) vault(at *path, v *cm.VaultIssuer) {
	if v == nil {
		return
	}
	c.vaultPath(at.at("path"), v.Path)
	c.atMostOne(at, []string{"caBundle", "caBundleSecretRef"}, len(v.CABundle) > 0, v.CABundleSecretRef != nil)
	c.caBundle(at.at("caBundle"), v.CABundle)
	if (v.ClientCertSecretRef == nil) != (v.ClientKeySecretRef == nil) {
		c.bad(at, "needs both clientCertSecretRef and clientKeySecretRef, or neither")
	}
	c.vaultAuth(at.at("auth"), v.Auth)
}

func (c *checker) vaultPath(at *path, value string) {
	if slices.Contains(strings.Split(value, "/"), "..") {
		c.bad(at, "must not contain ..")
	}
}

func (c *checker) vaultAuth(auth *path, a cm.VaultAuth) {
	c.exactlyOne(auth, []string{"tokenSecretRef", "appRole", "clientCertificate", "kubernetes", "aws"},
		a.TokenSecretRef != nil, a.AppRole != nil, a.ClientCertificate != nil, a.Kubernetes != nil, a.AWS != nil)
	if a.AppRole != nil {
		c.vaultPath(auth.at("appRole").at("path"), a.AppRole.Path)
	}
	if a.ClientCertificate != nil {
		c.vaultPath(auth.at("clientCertificate").at("mountPath"), a.ClientCertificate.Path)
	}
	if k := a.Kubernetes; k != nil {
		c.vaultPath(auth.at("kubernetes").at("mountPath"), k.Path)
		c.exactlyOne(auth.at("kubernetes"), []string{"secretRef", "serviceAccountRef"}, k.SecretRef.Name != "", k.ServiceAccountRef != nil)
	}
	if w := a.AWS; w != nil {
		c.vaultPath(auth.at("aws").at("mountPath"), w.MountPath)
		if w.ServiceAccountRef != nil && w.IAMRoleARN == "" {
			c.bad(auth.at("aws").at("iamRoleArn"), "required beside serviceAccountRef")
		}
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
