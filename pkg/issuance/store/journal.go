package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-certs/kubectl-certs/pkg/api/v1alpha1"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// JournalName is the name of the journal of a Secret.
func JournalName(secret string) string {
	const suffix = "-kubectl-certs-order"
	if len(secret)+len(suffix) <= 253 {
		return secret + suffix
	}
	sum := sha256.Sum256([]byte(secret))
	return "kubectl-certs-order-" + hex.EncodeToString(sum[:16])
}

// Journal implements issuance.Store.
func (s *Store) Journal(ctx context.Context, ref issuance.Ref) (issuance.Journal, error) {
	name := JournalName(ref.Name)
	secret, err := s.core.Secrets(ref.Namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return issuance.Journal{}, nil
	case err != nil:
		return issuance.Journal{}, fmt.Errorf("read Secret %s/%s: %w", ref.Namespace, name, kube.WrapUnavailable(err))
	case secret.Type != v1alpha1.JournalType:
		return issuance.Journal{}, fmt.Errorf("read Secret %s/%s: type %s instead of %s: delete the Secret", ref.Namespace, name, secret.Type, v1alpha1.JournalType)
	}
	_, j := JournalOf(secret)
	return j, nil
}

// SaveJournal implements issuance.Store.
func (s *Store) SaveJournal(ctx context.Context, d *issuance.Demand, j issuance.Journal) (issuance.Journal, error) {
	secret := writeJournal(d.Ref, j)
	var err error
	if j.Version == "" {
		secret, err = s.core.Secrets(d.Ref.Namespace).Create(ctx, secret, metav1.CreateOptions{FieldManager: kube.FieldManager})
	} else {
		secret, err = s.core.Secrets(d.Ref.Namespace).Update(ctx, secret, metav1.UpdateOptions{FieldManager: kube.FieldManager})
	}
	switch {
	case apierrors.IsAlreadyExists(err), apierrors.IsConflict(err), apierrors.IsNotFound(err) && j.Version != "":
		return j, fmt.Errorf("store the order of Secret %s: Secret %s: %w", d.Ref, JournalName(d.Ref.Name), issuance.ErrConflict)
	case err != nil:
		return j, fmt.Errorf("store the order of Secret %s: %w", d.Ref, kube.WrapUnavailable(err))
	}
	j.Version = secret.ResourceVersion
	return j, nil
}

// DeleteJournal implements issuance.Store.
func (s *Store) DeleteJournal(ctx context.Context, ref issuance.Ref, version string) error {
	var options metav1.DeleteOptions
	if version != "" {
		options.Preconditions = &metav1.Preconditions{ResourceVersion: &version}
	}
	err := s.core.Secrets(ref.Namespace).Delete(ctx, JournalName(ref.Name), options)
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("delete the order of Secret %s: %w", ref, kube.WrapUnavailable(err))
	}
	return nil
}

func writeJournal(ref issuance.Ref, j issuance.Journal) *corev1.Secret {
	annotations := map[string]string{}
	set := func(key, value string) {
		if value != "" {
			annotations[v1alpha1.KeyPrefix+key] = value
		}
	}
	set("secret", ref.Name)
	set("demand", j.Demand)
	set("order", j.Order)
	if j.Failures > 0 {
		set("failures", strconv.Itoa(j.Failures))
	}
	if !j.Failed.IsZero() {
		set("failed", j.Failed.UTC().Format(time.RFC3339))
		set("reason", string(j.Reason))
		set("detail", j.Detail)
		set("renew-request", j.RenewRequest)
	}
	if !j.RetryAt.IsZero() {
		set("retry-at", j.RetryAt.UTC().Format(time.RFC3339))
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: ref.Namespace, Name: JournalName(ref.Name), ResourceVersion: j.Version, Annotations: annotations,
		},
		Type: v1alpha1.JournalType,
	}
	if len(j.Key) > 0 {
		secret.Data = map[string][]byte{corev1.TLSPrivateKeyKey: j.Key}
	}
	return secret
}

// JournalOf is the reverse of writeJournal.
func JournalOf(secret *corev1.Secret) (issuance.Ref, issuance.Journal) {
	get := func(key string) string { return secret.Annotations[v1alpha1.KeyPrefix+key] }
	j := issuance.Journal{
		Demand: get("demand"), Order: get("order"), Reason: issuance.FailureReason(get("reason")), Detail: get("detail"),
		Key: secret.Data[corev1.TLSPrivateKeyKey], Version: secret.ResourceVersion, RenewRequest: get("renew-request"),
	}
	j.Failures, _ = strconv.Atoi(get("failures"))
	j.Failed, _ = time.Parse(time.RFC3339, get("failed"))
	j.RetryAt, _ = time.Parse(time.RFC3339, get("retry-at"))
	return issuance.Ref{Namespace: secret.Namespace, Name: get("secret")}, j
}
