package watch

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// certManagerLease is what cert-manager's controllers hold while they run.
const certManagerLease = "cert-manager-controller"

// certManagerNamespaces are where cert-manager keeps that Lease, unless it is
// told otherwise (--leader-election-namespace).
var certManagerNamespaces = []string{"kube-system", "cert-manager"}

// certManagerTimeout bounds the search for that Lease.
const certManagerTimeout = 30 * time.Second

// CertManager returns the Lease of a running cert-manager and who holds it, ""
// if there is none. Its controllers renew that Lease. Where the Leases of all
// namespaces may not be listed, its usual namespaces are read. Only a Lease
// that is not found, or that has run out, means that cert-manager does not run;
// any other answer is an error.
func CertManager(ctx context.Context, c *kube.Client) (string, error) {
	ctx, stop := context.WithTimeout(ctx, certManagerTimeout)
	defer stop()
	mapping, err := c.Mapping(schema.GroupVersionKind{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"})
	if meta.IsNoMatchError(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find Lease on the server: %w", kube.WrapUnavailable(err))
	}
	var holder string
	options := metav1.ListOptions{FieldSelector: "metadata.name=" + certManagerLease}
	err = c.List(ctx, mapping, metav1.NamespaceAll, options, func(u *unstructured.Unstructured) {
		if who := heldBy(manifest.Object(u.Object), time.Now()); who != "" {
			holder = fmt.Sprintf("Lease %s/%s, held by %s", u.GetNamespace(), u.GetName(), who)
		}
	})
	if !apierrors.IsForbidden(err) {
		return holder, err
	}
	for _, namespace := range certManagerNamespaces {
		u, err := c.Resource(mapping, namespace).Get(ctx, certManagerLease, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("read Lease %s/%s: %w", namespace, certManagerLease, kube.WrapUnavailable(err))
		}
		if who := heldBy(manifest.Object(u.Object), time.Now()); who != "" {
			return fmt.Sprintf("Lease %s/%s, held by %s", namespace, certManagerLease, who), nil
		}
	}
	return "", nil
}

// heldBy is who holds a Lease that has not run out.
func heldBy(lease manifest.Object, now time.Time) string {
	spec := lease.Map("spec")
	who, _ := spec["holderIdentity"].(string)
	text, _ := spec["renewTime"].(string)
	renewed, err := time.Parse(time.RFC3339, text)
	seconds, _ := spec["leaseDurationSeconds"].(int64)
	if err != nil || now.After(renewed.Add(time.Duration(seconds)*time.Second)) {
		return ""
	}
	return who
}
