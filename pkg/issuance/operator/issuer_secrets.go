package operator

import (
	"context"
	"crypto"
	"fmt"

	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
)

// issuerSecrets reads the Secrets that issuers reference.
type issuerSecrets struct {
	secrets *store.Store
	// clusterNamespace is the namespace of the Secrets of ClusterIssuers.
	clusterNamespace string
}

// namespace returns the namespace of an issuer's Secrets.
func (s issuerSecrets) namespace(issuer issuance.Issuer) string {
	if issuer.Namespace != "" {
		return issuer.Namespace
	}
	return s.clusterNamespace
}

func (s issuerSecrets) value(ctx context.Context, issuer issuance.Issuer, name, key string) ([]byte, error) {
	return s.secrets.Value(ctx, s.namespace(issuer), name, key)
}

// accountKey reads the account key of an ACME issuer; create generates one if there is none.
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
		return kept, nil, &issuance.Failure{Reason: issuance.ReasonAccount, Detail: fmt.Sprintf("%s: %v", issuer.Key(), err), Err: err}
	}
	key, err := cmpki.DecodePrivateKeyBytes(kept.Key)
	if err != nil {
		return kept, nil, issuance.Failuref(issuance.ReasonAccount, "%s: key %s of Secret %s/%s is not a private key in PEM", issuer.Key(), ref.Key, s.namespace(issuer), ref.Name)
	}
	return kept, key, nil
}

// noteAccount stores the URL of an account with its key.
func (s issuerSecrets) noteAccount(ctx context.Context, issuer issuance.Issuer, url string) error {
	return s.secrets.NoteAccount(ctx, s.namespace(issuer), issuer.Spec.ACME.PrivateKey.Name, url)
}

// newAccountKey generates an RSA key: cert-manager accepts no other.
func newAccountKey() ([]byte, error) {
	key, err := cmpki.GenerateRSAPrivateKey(2048)
	if err != nil {
		return nil, fmt.Errorf("generate the account key: %w", err)
	}
	return cmpki.EncodePKCS1PrivateKey(key), nil
}
