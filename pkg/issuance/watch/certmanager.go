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

// certManagerLease is the Lease that cert-manager's controllers hold while they run.
const certManagerLease = "cert-manager-controller"

// certManagerNamespaces are the default namespaces of that Lease; the flag
// --leader-election-namespace sets another one.
var certManagerNamespaces = []string{"kube-system", "cert-manager"}

// certManagerTimeout limits the search for that Lease.
const certManagerTimeout = 30 * time.Second

// CertManager returns the Lease of a running cert-manager and its holder, "" if there is none.
// If Leases of all namespaces may not be listed, it reads the default namespaces. Only a
// missing or expired Lease means that cert-manager does not run; any other answer is an error.
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
		if who := leaseHolder(manifest.Object(u.Object), time.Now()); who != "" {
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
		if who := leaseHolder(manifest.Object(u.Object), time.Now()); who != "" {
			return fmt.Sprintf("Lease %s/%s, held by %s", namespace, certManagerLease, who), nil
		}
	}
	return "", nil
}

// leaseHolder returns the holder of a Lease that has not expired.
func leaseHolder(lease manifest.Object, now time.Time) string {
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
