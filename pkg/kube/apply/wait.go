package apply

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// establishing is how long to wait for a CRD to be established.
const establishing = 30 * time.Second

// WaitEstablished waits until applied CRDs serve their kinds.
func (a *Applier) WaitEstablished(ctx context.Context, crds []manifest.Object) error {
	for _, crd := range crds {
		if crd.Kind() != "CustomResourceDefinition" {
			continue
		}
		mapping, err := a.client.Mapping(kube.KindOf(crd))
		if err != nil {
			return err
		}
		err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, establishing, true, func(ctx context.Context) (bool, error) {
			u, err := a.client.Resource(mapping, "").Get(ctx, crd.Name(), metav1.GetOptions{})
			return err == nil && isEstablished(u), nil
		})
		if err != nil {
			return fmt.Errorf("wait for %s to be established: %w", crd.ID(), err)
		}
	}
	a.client.Reset()
	return nil
}

func isEstablished(u *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, condition := range conditions {
		if c, ok := condition.(map[string]any); ok && c["type"] == "Established" && c["status"] == "True" {
			return true
		}
	}
	return false
}
