package store

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// ownedLabel marks Secrets that hold an issued certificate, as cert-manager does.
const ownedLabel = "controller.cert-manager.io/fao"

// Store are the Secrets of one cluster. It is a issuance.Store.
type Store struct {
	core typedcorev1.CoreV1Interface
}

// New makes a client for Secrets only.
func New(config *rest.Config) (*Store, error) {
	core, err := kube.NewCore(config)
	if err != nil {
		return nil, err
	}
	return &Store{core: core}, nil
}

// Core returns the client that the store uses.
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

// Data reads a Secret; one that is not there is an error that says so.
func (s *Store) Data(ctx context.Context, namespace, name string) (map[string][]byte, error) {
	secret, err := s.core.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("there is no Secret %s/%s", namespace, name)
	case err != nil:
		return nil, fmt.Errorf("read Secret %s/%s: %w", namespace, name, kube.WrapUnavailable(err))
	}
	return secret.Data, nil
}

// Value reads one key of a Secret; what is not there is an error that says so.
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

// Account is an ACME account as it is kept in a Secret.
type Account struct {
	// Key is the private key in PEM.
	Key []byte
	// URL is where the account is, "" if it was not registered by us.
	URL string
}

// Account reads the account key in a Secret, or puts the one there that fresh
// makes, nil for none. If another process was faster, its key is returned.
func (s *Store) Account(ctx context.Context, namespace, name, key string, fresh func() ([]byte, error)) (Account, error) {
	secret, err := s.core.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case err == nil && len(secret.Data[key]) > 0:
		return Account{Key: secret.Data[key], URL: secret.Annotations[v1alpha1.AccountAnnotation]}, nil
	case err == nil:
		return Account{}, fmt.Errorf("Secret %s/%s has no key %s; delete the Secret, or name the right key in privateKeySecretRef", namespace, name, key)
	case !apierrors.IsNotFound(err):
		return Account{}, fmt.Errorf("read Secret %s/%s: %w", namespace, name, kube.WrapUnavailable(err))
	case fresh == nil:
		return Account{}, fmt.Errorf("there is no Secret %s/%s", namespace, name)
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
		return Account{}, fmt.Errorf("keep the account key in Secret %s/%s: %w", namespace, name, kube.WrapUnavailable(err))
	}
	return Account{Key: value}, nil
}

// NoteAccount writes the URL of an account beside its key.
func (s *Store) NoteAccount(ctx context.Context, namespace, name, url string) error {
	return s.annotate(ctx, namespace, name, map[string]any{v1alpha1.AccountAnnotation: url})
}

// SecretOf takes from a Secret what run wants to know.
func SecretOf(secret *corev1.Secret) issuance.Secret {
	return issuance.Secret{
		Type: string(secret.Type), Annotations: secret.Annotations, Version: secret.ResourceVersion,
		Cert: secret.Data[corev1.TLSCertKey], Key: secret.Data[corev1.TLSPrivateKeyKey],
		Manager: lastManager(secret.ManagedFields),
	}
}

// lastManager is who wrote an object last, save for its status.
func lastManager(fields []metav1.ManagedFieldsEntry) string {
	var last metav1.ManagedFieldsEntry
	for _, f := range fields {
		if f.Subresource == "" && (last.Time == nil || f.Time != nil && last.Time.Before(f.Time)) {
			last = f
		}
	}
	return last.Manager
}

// Save implements issuance.Store by one server-side apply. Fields of others are
// taken over only in the version that was judged.
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
	secret.WithAnnotations(annotations)
	if version != "" {
		secret.WithResourceVersion(version)
	}
	saved, err := s.core.Secrets(d.Ref.Namespace).Apply(ctx, secret, metav1.ApplyOptions{FieldManager: kube.FieldManager, Force: version != ""})
	switch {
	case apierrors.IsConflict(err):
		return "", fmt.Errorf("save Secret %s: somebody else wrote it meanwhile; it is left as it is", d.Ref)
	case apierrors.IsNotFound(err):
		return "", fmt.Errorf("save Secret %s: namespace %s is not there", d.Ref, d.Ref.Namespace)
	case err != nil:
		return "", fmt.Errorf("save Secret %s: %w", d.Ref, kube.WrapUnavailable(err))
	}
	return saved.ResourceVersion, nil
}
