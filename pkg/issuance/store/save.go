package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"time"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	jks "github.com/pavlo-v-chernykh/keystore-go/v4"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/pki"
)

// noVersion is a version that no object has: the first object of a cluster has a later one.
// An apply with it creates an object, but does not change one.
const noVersion = "1"

// Save implements issuance.Store with one server-side apply. It takes over fields of other
// managers only if the Secret still has the version that was checked. The version counts for
// fields of another run, too, which has the same manager.
func (s *Store) Save(ctx context.Context, d *issuance.Demand, p issuance.Pair, version string) (string, error) {
	data := map[string][]byte{corev1.TLSCertKey: p.Cert, corev1.TLSPrivateKeyKey: p.Key}
	if err := s.addFormats(ctx, d, p, data); err != nil {
		return "", err
	}
	secret := applycorev1.Secret(d.Ref.Name, d.Ref.Namespace).
		WithType(corev1.SecretTypeTLS).WithData(data).
		WithLabels(map[string]string{ownedLabel: "true"})
	annotations := maps.Clone(p.Annotations)
	if t := d.Certificate.SecretTemplate; t != nil {
		secret.WithLabels(t.Labels)
		maps.Copy(annotations, t.Annotations)
	}
	secret.WithAnnotations(annotations).WithResourceVersion(cmp.Or(version, noVersion))
	saved, err := s.core.Secrets(d.Ref.Namespace).Apply(ctx, secret, metav1.ApplyOptions{FieldManager: kube.FieldManager, Force: true})
	switch {
	case apierrors.IsConflict(err):
		return "", fmt.Errorf("save Secret %s: %w; not overwritten", d.Ref, issuance.ErrConflict)
	case apierrors.IsNotFound(err):
		return "", fmt.Errorf("save Secret %s: namespace %s not found", d.Ref, d.Ref.Namespace)
	case err != nil:
		return "", fmt.Errorf("save Secret %s: %w", d.Ref, kube.WrapUnavailable(err))
	}
	return saved.ResourceVersion, nil
}

// addFormats adds the additional output formats and keystores, under cert-manager's names.
func (s *Store) addFormats(ctx context.Context, d *issuance.Demand, p issuance.Pair, data map[string][]byte) error {
	for _, format := range d.Certificate.AdditionalOutputFormats {
		switch format.Type {
		case cm.CertificateOutputFormatDER:
			if block, _ := pem.Decode(p.Key); block != nil {
				data["key.der"] = block.Bytes
			}
		case cm.CertificateOutputFormatCombinedPEM:
			data["tls-combined.pem"] = bytes.Join([][]byte{p.Key, p.Cert}, []byte("\n"))
		}
	}
	stores := d.Certificate.Keystores
	if stores == nil {
		return nil
	}
	key, err := cmpki.DecodePrivateKeyBytes(p.Key)
	if err != nil {
		return fmt.Errorf("invalid private key")
	}
	chain, err := pki.Parse(p.Cert)
	if err != nil {
		return err
	}
	if k := stores.PKCS12; k != nil && k.Create {
		password, err := s.password(ctx, d, k.Password, k.PasswordSecretRef)
		if err != nil {
			return fmt.Errorf("keystores.pkcs12: %w", err)
		}
		if data["keystore.p12"], err = profiles[k.Profile].Encode(key, chain[0], chain[1:], password); err != nil {
			return fmt.Errorf("keystores.pkcs12: %w", err)
		}
	}
	if k := stores.JKS; k != nil && k.Create {
		password, err := s.password(ctx, d, k.Password, k.PasswordSecretRef)
		if err != nil {
			return fmt.Errorf("keystores.jks: %w", err)
		}
		alias := "certificate"
		if k.Alias != nil {
			alias = *k.Alias
		}
		if data["keystore.jks"], err = javaKeystore(alias, password, key, chain); err != nil {
			return fmt.Errorf("keystores.jks: %w", err)
		}
	}
	return nil
}

// profiles are the encoders of cert-manager's PKCS#12 profiles.
var profiles = map[cm.PKCS12Profile]*pkcs12.Encoder{
	"":                         pkcs12.LegacyRC2,
	cm.LegacyRC2PKCS12Profile:  pkcs12.LegacyRC2,
	cm.LegacyDESPKCS12Profile:  pkcs12.LegacyDES,
	cm.Modern2023PKCS12Profile: pkcs12.Modern2023,
	cm.Modern2026PKCS12Profile: pkcs12.Modern2026,
}

func (s *Store) password(ctx context.Context, d *issuance.Demand, literal *string, ref cmmeta.SecretKeySelector) (string, error) {
	if literal != nil && *literal != "" {
		return *literal, nil
	}
	if ref.Name == "" {
		return "", fmt.Errorf("password or passwordSecretRef is missing")
	}
	value, err := s.Value(ctx, d.Ref.Namespace, ref.Name, ref.Key)
	return string(value), err
}

func javaKeystore(alias, password string, key any, chain []*x509.Certificate) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	entry := jks.PrivateKeyEntry{CreationTime: time.Now(), PrivateKey: der}
	for _, cert := range chain {
		entry.CertificateChain = append(entry.CertificateChain, jks.Certificate{Type: "X509", Content: cert.Raw})
	}
	store := jks.New()
	if err := store.SetPrivateKeyEntry(alias, entry, []byte(password)); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := store.Store(&b, []byte(password)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
