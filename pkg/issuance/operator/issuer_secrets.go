package operator

import (
	"context"
	"crypto"
	"fmt"

	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
)

// issuerSecrets are the Secrets that issuers refer to.
type issuerSecrets struct {
	secrets *store.Store
	// clusterNamespace is the namespace of those of ClusterIssuers.
	clusterNamespace string
}

// namespace returns the namespace of the Secrets of an issuer.
func (s issuerSecrets) namespace(issuer issuance.Issuer) string {
	if issuer.Namespace != "" {
		return issuer.Namespace
	}
	return s.clusterNamespace
}

func (s issuerSecrets) value(ctx context.Context, issuer issuance.Issuer, name, key string) ([]byte, error) {
	return s.secrets.Value(ctx, s.namespace(issuer), name, key)
}

// accountKey reads the account key of an ACME issuer; create makes one where
// there is none.
func (s issuerSecrets) accountKey(ctx context.Context, issuer issuance.Issuer, create bool) (store.Account, crypto.Signer, error) {
	spec := issuer.Spec.ACME
	ref := spec.PrivateKey
	if ref.Key == "" {
		ref.Key = "tls.key"
	}
	var generate func() ([]byte, error)
	if create && !spec.DisableAccountKeyGeneration {
		generate = newAccountKey
	}
	kept, err := s.secrets.Account(ctx, s.namespace(issuer), ref.Name, ref.Key, generate)
	if err != nil {
		return kept, nil, issuance.Failuref(issuance.ReasonAccount, "%s: %v", issuer.Key(), err)
	}
	key, err := cmpki.DecodePrivateKeyBytes(kept.Key)
	if err != nil {
		return kept, nil, issuance.Failuref(issuance.ReasonAccount, "%s: key %s of Secret %s/%s is no private key in PEM", issuer.Key(), ref.Key, s.namespace(issuer), ref.Name)
	}
	return kept, key, nil
}

// noteAccount writes the URL of an account beside its key.
func (s issuerSecrets) noteAccount(ctx context.Context, issuer issuance.Issuer, url string) error {
	return s.secrets.NoteAccount(ctx, s.namespace(issuer), issuer.Spec.ACME.PrivateKey.Name, url)
}

// newAccountKey makes a key that cert-manager accepts too: it requires RSA.
func newAccountKey() ([]byte, error) {
	key, err := cmpki.GenerateRSAPrivateKey(2048)
	if err != nil {
		return nil, fmt.Errorf("make an account key: %w", err)
	}
	return cmpki.EncodePKCS1PrivateKey(key), nil
}
