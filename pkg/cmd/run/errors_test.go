package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/operator"
	"github.com/kubectl-certs/kubectl-certs/pkg/problem"
)

func TestHints(t *testing.T) {
	cause := errors.New("cluster not reachable")
	forbidden := apierrors.NewForbidden(schema.GroupResource{Resource: "leases"}, "run", errors.New("no"))
	for want, err := range map[string]error{
		"kubectl create namespace shop, or use another with -n or --leader-elect-resource-namespace":                                                               &operator.LeaseNamespaceError{Namespace: "shop", Lease: "run"},
		"allow get, create and update of leases there; ":                                                                                                           &operator.LeaseAccessError{Namespace: "shop", Lease: "run", Err: forbidden},
		"bind the ClusterRole kubectl-certs-cert-manager-lease (https://github.com/kubectl-certs/kubectl-certs/blob/main/kustomize/runner-namespaced/rbac.yaml); ": &operator.CertManagerUnknownError{Err: forbidden},
		"let cert-manager issue; or scale its controller to 0, ":                                                                                                   &operator.CertManagerRunningError{Holder: "Lease kube-system/x"},
		"": cause,
	} {
		explained := explain(err)
		text, found := hint.Of(explained)
		if !strings.HasPrefix(text, want) || found != (want != "") || explained.Error() != err.Error() {
			t.Errorf("%v: hint %q", explained, text)
		}
	}
	for _, err := range []error{&operator.LeaseAccessError{Err: cause}, &operator.CertManagerUnknownError{Err: cause}} {
		if text, found := hint.Of(explain(err)); found {
			t.Errorf("%v: hint %q, but no permission is missing", err, text)
		}
	}
	if err := explain(nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}

// TestServerErrors: an address that cannot be used is reported with the flag that
// gives it, and each error of a list keeps its hint.
func TestServerErrors(t *testing.T) {
	used, forbidden := errors.New("address already in use"), errors.New("permission denied")
	err := explain(errors.Join(
		&operator.ServerError{Server: operator.ServerHTTP01, Address: ":8089", Err: used},
		&operator.ServerError{Server: operator.ServerTLSALPN01, Address: ":443", Err: forbidden},
		&operator.ServerError{Server: operator.ServerMetrics, Address: ":9402", Err: used},
		&operator.LeaseNamespaceError{Namespace: "shop", Lease: "run"},
	))
	const want = `--listen :8089: address already in use
--listen-tls :443: permission denied
--metrics-listen :9402: address already in use
namespace "shop" of Lease run not found`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !errors.Is(err, forbidden) {
		t.Error("the cause is lost")
	}
	list := problem.Split(err)
	if text, _ := hint.Of(list[len(list)-1]); !strings.HasPrefix(text, "kubectl create namespace shop") {
		t.Errorf("hint %q", text)
	}
}
