package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// ownedLabel marks Secrets with an issued certificate, as cert-manager does.
const ownedLabel = "controller.cert-manager.io/fao"

// Store reads and writes the Secrets of one cluster. It implements issuance.Store.
type Store struct {
	core typedcorev1.CoreV1Interface
}

// New returns a Store.
func New(config *rest.Config) (*Store, error) {
	core, err := kube.NewCore(config)
	if err != nil {
		return nil, err
	}
	return &Store{core: core}, nil
}

// Core returns the store's client.
func (s *Store) Core() typedcorev1.CoreV1Interface { return s.core }

// Secret implements issuance.Store.
func (s *Store) Secret(ctx context.Context, ref issuance.Ref) (issuance.Secret, bool, error) {
	secret, err := s.core.Secrets(ref.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return issuance.Secret{}, false, nil
	case err != nil:
		return issuance.Secret{}, false, fmt.Errorf("read Secret %s: %w", ref, kube.WrapUnavailable(err))
	}
	return SecretOf(secret), true, nil
}

// Data reads a Secret. If it does not exist, the error says so.
func (s *Store) Data(ctx context.Context, namespace, name string) (map[string][]byte, error) {
	secret, err := s.core.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("Secret %s/%s not found", namespace, name)
	case err != nil:
		return nil, fmt.Errorf("read Secret %s/%s: %w", namespace, name, kube.WrapUnavailable(err))
	}
	return secret.Data, nil
}

// Value reads one key of a Secret. If it does not exist, the error says so.
func (s *Store) Value(ctx context.Context, namespace, name, key string) ([]byte, error) {
	data, err := s.Data(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	value, found := data[key]
	if !found {
		return nil, fmt.Errorf("Secret %s/%s has no key %s", namespace, name, key)
	}
	return value, nil
}

// Account is an ACME account stored in a Secret.
type Account struct {
	// Key is the private key in PEM.
	Key []byte
	// URL is the account's URL, "" if it has not been registered here.
	URL string
}

// ErrNoAccount reports that there is no Secret for an account key yet.
var ErrNoAccount = errors.New("not found")

// HasNamespace reports whether a namespace exists, and true if this user may not read it.
func (s *Store) HasNamespace(ctx context.Context, name string) (bool, error) {
	_, err := s.core.Namespaces().Get(ctx, name, metav1.GetOptions{})
	switch {
	case err == nil, apierrors.IsForbidden(err):
		return true, nil
	case apierrors.IsNotFound(err):
		return false, nil
	}
	return false, fmt.Errorf("read namespace %s: %w", name, kube.WrapUnavailable(err))
}

// Account reads the account key in a Secret. If the Secret does not exist, it stores the key
// that fresh returns; a nil fresh stores none. If another process stores a key first, that key
// is returned.
func (s *Store) Account(ctx context.Context, namespace, name, key string, fresh func() ([]byte, error)) (Account, error) {
	secret, err := s.core.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case err == nil && len(secret.Data[key]) > 0:
		return Account{Key: secret.Data[key], URL: secret.Annotations[v1alpha1.AccountAnnotation]}, nil
	case err == nil:
		return Account{}, fmt.Errorf("Secret %s/%s has no key %s: delete the Secret, or set the right key in privateKeySecretRef", namespace, name, key)
	case !apierrors.IsNotFound(err):
		return Account{}, fmt.Errorf("read Secret %s/%s: %w", namespace, name, kube.WrapUnavailable(err))
	case fresh == nil:
		return Account{}, fmt.Errorf("Secret %s/%s %w", namespace, name, ErrNoAccount)
	}
	value, err := fresh()
	if err != nil {
		return Account{}, err
	}
	secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: map[string][]byte{key: value}}
	_, err = s.core.Secrets(namespace).Create(ctx, secret, metav1.CreateOptions{FieldManager: kube.FieldManager})
	switch {
	case apierrors.IsAlreadyExists(err):
		value, err = s.Value(ctx, namespace, name, key)
		return Account{Key: value}, err
	case err != nil:
		return Account{}, fmt.Errorf("store the account key in Secret %s/%s: %w", namespace, name, kube.WrapUnavailable(err))
	}
	return Account{Key: value}, nil
}

// NoteAccount stores the URL of an account as an annotation of its Secret.
func (s *Store) NoteAccount(ctx context.Context, namespace, name, url string) error {
	return s.annotate(ctx, namespace, name, map[string]any{v1alpha1.AccountAnnotation: url})
}

// SecretOf returns the parts of a Secret that the engine needs.
func SecretOf(secret *corev1.Secret) issuance.Secret {
	return issuance.Secret{
		Type: string(secret.Type), Annotations: secret.Annotations, Version: secret.ResourceVersion,
		Cert: secret.Data[corev1.TLSCertKey], Key: secret.Data[corev1.TLSPrivateKeyKey],
		Manager: lastManager(secret.ManagedFields),
	}
}

// lastManager returns the field manager of the last change, except of the status.
func lastManager(fields []metav1.ManagedFieldsEntry) string {
	var last metav1.ManagedFieldsEntry
	for _, f := range fields {
		if f.Subresource == "" && (last.Time == nil || f.Time != nil && last.Time.Before(f.Time)) {
			last = f
		}
	}
	return last.Manager
}

// annotate sets annotations of a Secret; nil removes an annotation.
func (s *Store) annotate(ctx context.Context, namespace, name string, annotations map[string]any) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": annotations}})
	if err != nil {
		return err
	}
	options := metav1.PatchOptions{FieldManager: kube.FieldManager + "-note"}
	if _, err := s.core.Secrets(namespace).Patch(ctx, name, types.MergePatchType, patch, options); err != nil {
		return fmt.Errorf("annotate Secret %s/%s: %w", namespace, name, kube.WrapUnavailable(err))
	}
	return nil
}
