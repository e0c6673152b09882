package kubetest_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
)

// TestServer, and TestLiveServer with a real API server, test what clients rely
// on.
func TestServer(t *testing.T) {
	for name, test := range allTests() {
		t.Run(name, func(t *testing.T) { test(t, newFixture(t, kubetest.Start(t).Config(), "shop")) })
	}
}

func TestLiveServer(t *testing.T) {
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(labtest.Start(t).Dir, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	for name, test := range allTests() {
		number++
		t.Run(name, func(t *testing.T) { test(t, newFixture(t, config, fmt.Sprintf("shop-%d", number))) })
	}
}

// serverTests are tests by the behaviour that they test.
type serverTests map[string]func(t *testing.T, f fixture)

func allTests() serverTests {
	all := maps.Clone(readTests)
	maps.Copy(all, writeTests)
	return all
}

type fixture struct {
	typedcorev1.CoreV1Interface
	namespace string
}

func newFixture(t *testing.T, config *rest.Config, namespace string) fixture {
	t.Helper()
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	f := fixture{client.CoreV1(), namespace}
	if _, err := f.Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f fixture) secrets() typedcorev1.SecretInterface { return f.Secrets(f.namespace) }

// create makes a Secret.
func (f fixture) create(t *testing.T, name string, labels map[string]string) *corev1.Secret {
	t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, StringData: map[string]string{"a": name}}
	made, err := f.secrets().Create(t.Context(), secret, metav1.CreateOptions{FieldManager: "maker"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRequestsAreRecorded(t *testing.T) {
	s := kubetest.Start(t)
	f := newFixture(t, s.Config(), "shop")
	s.Before = func(r *http.Request) error {
		if r.Method == http.MethodDelete {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, "a", errors.New("no"))
		}
		return nil
	}
	f.create(t, "a", nil)
	if err := f.secrets().Delete(t.Context(), "a", metav1.DeleteOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("a delete that is refused: %v", err)
	}
	want := []kubetest.Request{
		{Verb: "create", Resource: "namespaces", Code: 201},
		{Verb: "create", Resource: "secrets", Namespace: "shop", Code: 201},
		{Verb: "delete", Resource: "secrets", Namespace: "shop", Name: "a", Code: 403},
	}
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestApplyCreates: an apply that creates an object needs both verbs, as on API
// servers (k8s.io/apiserver/pkg/endpoints/handlers/patch.go).
func TestApplyCreates(t *testing.T) {
	s := kubetest.Start(t)
	f := newFixture(t, s.Config(), "shop")
	config := s.Config()
	config.Impersonate.UserName = "user"
	user, err := typedcorev1.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	secret := applycorev1.Secret("a", "shop").WithLabels(map[string]string{"l": "x"})
	apply := func() error {
		_, err := user.Secrets("shop").Apply(t.Context(), secret, metav1.ApplyOptions{FieldManager: "x"})
		return err
	}
	s.Allow = func(r kubetest.Request) bool { return r.User != "user" || r.Verb == "patch" }
	if err := apply(); !apierrors.IsForbidden(err) {
		t.Errorf("without create: %v", err)
	}
	f.create(t, "a", nil)
	if err := apply(); err != nil {
		t.Errorf("to an object: %v", err)
	}
	want := []kubetest.Request{
		{Verb: "create", Resource: "namespaces", Code: 201},
		{User: "user", Verb: "patch", Resource: "secrets", Namespace: "shop", Name: "a", Code: 403},
		{User: "user", Verb: "create", Resource: "secrets", Namespace: "shop", Name: "a", Code: 403},
		{Verb: "create", Resource: "secrets", Namespace: "shop", Code: 201},
		{User: "user", Verb: "patch", Resource: "secrets", Namespace: "shop", Name: "a", Code: 200},
	}
	if diff := cmp.Diff(want, s.Requests()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAggregatedAPIs: other servers serve further groups, to those who may.
func TestAggregatedAPIs(t *testing.T) {
	s := kubetest.Start(t)
	s.Aggregated = map[string]http.Handler{"acme.example.com": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprint(w, r.URL.Path, " ", string(body), err)
	})}
	client, err := typedcorev1.NewForConfig(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	call := func() ([]byte, error) {
		return client.RESTClient().Post().AbsPath("/apis/acme.example.com/v1alpha1/dns").Body([]byte("{}")).DoRaw(t.Context())
	}
	if got, err := call(); string(got) != "/apis/acme.example.com/v1alpha1/dns {}<nil>" {
		t.Errorf("answers %q %v", got, err)
	}
	s.Allow = func(r kubetest.Request) bool { return r.Resource != "dns" }
	if _, err := call(); !apierrors.IsForbidden(err) {
		t.Errorf("who may not: %v", err)
	}
}
