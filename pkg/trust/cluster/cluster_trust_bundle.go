package cluster

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// clusterTrustBundle reads a ClusterTrustBundle or, for a name without namespace,
// also those with a signer's prefix before the name.
func (p *locationReader) clusterTrustBundle(location usage.Location) error {
	mapping, why, err := p.clusterTrustBundles()
	if err != nil {
		return err
	}
	if mapping == nil {
		p.absent(location, why)
		return nil
	}
	found := false
	err = p.client.List(p.ctx, mapping, "", metav1.ListOptions{Limit: bigPage}, func(u *unstructured.Unstructured) {
		ofSigner := location.Namespace == usage.Everywhere && strings.HasSuffix(u.GetName(), ":"+location.Name)
		if u.GetName() != location.Name && !ofSigner {
			return
		}
		found = true
		ref := usage.Ref{Kind: bundleKind, Name: u.GetName()}
		h := usage.LocationState{Location: ref.String(), Object: ref, Changed: changed(metaOf(u), false, []string{"spec"})}
		text, _, _ := unstructured.NestedString(u.Object, "spec", "trustBundle")
		p.values.Add(&h, "", []byte(text), true)
		p.add(h)
	})
	if err == nil && !found {
		p.absent(location, notFound)
	}
	return err
}

// clusterTrustBundles returns the newest version that the cluster serves.
func (p *locationReader) clusterTrustBundles() (*meta.RESTMapping, string, error) {
	for _, v := range []string{"v1", "v1beta1", "v1alpha1"} {
		kind := schema.GroupVersionKind{Group: "certificates.k8s.io", Version: v, Kind: bundleKind}
		mapping, err := p.client.Mapping(kind)
		switch {
		case err == nil:
			return mapping, "", nil
		case !meta.IsNoMatchError(err):
			return nil, "", err
		}
	}
	return nil, "the cluster does not serve " + bundleKind, nil
}
