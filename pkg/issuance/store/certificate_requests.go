package store

import (
	"context"
	"fmt"
	"strconv"

	cm "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmpki "github.com/cert-manager/cert-manager/pkg/util/pki"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
)

// CertificateRequests are the CertificateRequests of cert-manager in a cluster.
type CertificateRequests struct{ client *kube.Client }

// NewCertificateRequests returns those of the client's cluster.
func NewCertificateRequests(client *kube.Client) CertificateRequests {
	return CertificateRequests{client}
}

// Release deletes the CertificateRequest that cert-manager compares a Secret with, unless it
// fits a certificate for the given key. cert-manager would issue again otherwise: it compares
// the key and the Certificate with the request of the current revision, and without one the
// names of the stored certificate. Release returns the name of the deleted request, "" for none.
func (r CertificateRequests) Release(ctx context.Context, d *issuance.Demand, keyPEM []byte) (string, error) {
	certificate, err := r.certificate(ctx, d)
	if certificate == nil || certificate.Status.Revision == nil || err != nil {
		return "", err
	}
	found, err := r.current(ctx, certificate)
	if found == nil || err != nil {
		return "", err
	}
	if fits, err := fitsRequest(found, certificate, keyPEM); fits || err != nil {
		return "", err
	}
	return found.GetName(), r.client.Delete(ctx, found.Object, false)
}

// certificate returns the Certificate of a demand, nil if there is none in the cluster.
func (r CertificateRequests) certificate(ctx context.Context, d *issuance.Demand) (*cm.Certificate, error) {
	found, err := r.get(ctx, cm.CertificateKind, d.Ref.Namespace, d.CertificateName())
	if found == nil || err != nil {
		return nil, err
	}
	var certificate cm.Certificate
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, &certificate); err != nil {
		return nil, fmt.Errorf("read Certificate %s/%s: %w", found.GetNamespace(), found.GetName(), err)
	}
	return &certificate, nil
}

// current returns the request of a Certificate's current revision, nil if there is none.
func (r CertificateRequests) current(ctx context.Context, certificate *cm.Certificate) (*unstructured.Unstructured, error) {
	revision := strconv.Itoa(*certificate.Status.Revision)
	isCurrent := func(u *unstructured.Unstructured) bool {
		return metav1.IsControlledBy(u, certificate) && u.GetAnnotations()[cm.CertificateRequestRevisionAnnotationKey] == revision
	}
	found, err := r.get(ctx, cm.CertificateRequestKind, certificate.Namespace, certificate.Name+"-"+revision)
	if err != nil || found != nil && isCurrent(found) {
		return found, err
	}
	// cert-manager shortens long names, and older versions chose random ones.
	mapping, err := r.client.Mapping(cm.SchemeGroupVersion.WithKind(cm.CertificateRequestKind))
	if err != nil {
		return nil, ignoreNoMatch(err)
	}
	found = nil
	err = r.client.List(ctx, mapping, certificate.Namespace, metav1.ListOptions{Limit: kube.PageSize}, func(u *unstructured.Unstructured) {
		if isCurrent(u) {
			found = u
		}
	})
	return found, err
}

// get returns an object, nil if it does not exist or its kind is not served.
func (r CertificateRequests) get(ctx context.Context, kind, namespace, name string) (*unstructured.Unstructured, error) {
	mapping, err := r.client.Mapping(cm.SchemeGroupVersion.WithKind(kind))
	if err != nil {
		return nil, ignoreNoMatch(err)
	}
	found, err := r.client.Resource(mapping, namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s %s/%s: %w", kind, namespace, name, kube.WrapUnavailable(err))
	}
	return found, nil
}

func ignoreNoMatch(err error) error {
	if meta.IsNoMatchError(err) {
		return nil
	}
	return kube.WrapUnavailable(err)
}

// fitsRequest reports whether cert-manager finds that a key and a Certificate match a request. A
// request with an invalid CSR matches none.
func fitsRequest(found *unstructured.Unstructured, certificate *cm.Certificate, keyPEM []byte) (bool, error) {
	var request cm.CertificateRequest
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, &request); err != nil {
		return false, fmt.Errorf("read CertificateRequest %s/%s: %w", found.GetNamespace(), found.GetName(), err)
	}
	csr, err := cmpki.DecodeX509CertificateRequestBytes(request.Spec.Request)
	if err != nil {
		return false, nil
	}
	key, err := cmpki.DecodePrivateKeyBytes(keyPEM)
	if err != nil {
		return false, fmt.Errorf("invalid private key")
	}
	if same, err := cmpki.PublicKeysEqual(csr.PublicKey, key.Public()); err != nil || !same {
		return false, nil
	}
	violations, err := cmpki.RequestMatchesSpec(&request, certificate.Spec)
	return err == nil && len(violations) == 0, nil
}
