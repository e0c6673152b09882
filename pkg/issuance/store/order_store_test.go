package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance"
	"github.com/kubectl-certs/kubectl-certs/pkg/issuance/store"
)

// TestOrdersOfTwoRuns: of two runs with one Secret, the later one neither overwrites nor
// deletes the order of the first.
func TestOrdersOfTwoRuns(t *testing.T) {
	config := kubetest.Start(t).Config()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().Namespaces().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	secrets, err := store.New(config)
	if err != nil {
		t.Fatal(err)
	}
	d := &issuance.Demand{Ref: issuance.Ref{Namespace: "shop", Name: "a-tls"}}
	first, err := secrets.SaveJournal(t.Context(), d, issuance.Journal{Order: "https://ca/1"})
	if err != nil {
		t.Fatal(err)
	}
	const want = "store the order of Secret shop/a-tls: Secret a-tls-kubectl-certs-order: it has changed since it was read"
	if _, err := secrets.SaveJournal(t.Context(), d, issuance.Journal{Order: "https://ca/2"}); !errors.Is(err, issuance.ErrConflict) || err.Error() != want {
		t.Errorf("a second order: %v", err)
	}
	second, err := secrets.SaveJournal(t.Context(), d, issuance.Journal{Order: "https://ca/1", Failures: 1, Version: first.Version})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := secrets.SaveJournal(t.Context(), d, issuance.Journal{Version: first.Version}); !errors.Is(err, issuance.ErrConflict) || err.Error() != want {
		t.Errorf("a version that has passed: %v", err)
	}
	there := func() bool {
		_, err := client.CoreV1().Secrets("shop").Get(t.Context(), "a-tls-kubectl-certs-order", metav1.GetOptions{})
		return err == nil
	}
	if err := secrets.DeleteJournal(t.Context(), d.Ref, first.Version); err != nil || !there() {
		t.Errorf("forgetting a version that has passed removes the order, %v", err)
	}
	if err := secrets.DeleteJournal(t.Context(), d.Ref, second.Version); err != nil || there() {
		t.Errorf("forgetting leaves the order, %v", err)
	}
	if err := secrets.DeleteJournal(t.Context(), d.Ref, second.Version); err != nil {
		t.Errorf("forgetting twice: %v", err)
	}
}

// TestJournal: the journal is the stored one, and no other Secret is taken for it.
func TestJournal(t *testing.T) {
	server := kubetest.Start(t)
	s := open(t, server)
	d := &issuance.Demand{Ref: issuance.Ref{Namespace: "default", Name: "a"}}
	if j, err := s.Journal(t.Context(), d.Ref); err != nil || j.Version != "" {
		t.Errorf("without one: %+v, %v", j, err)
	}
	want, err := s.SaveJournal(t.Context(), d, issuance.Journal{Order: "https://ca/1", Key: []byte("key")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Journal(t.Context(), d.Ref)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	other := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: store.JournalName("b")}, Type: corev1.SecretTypeOpaque}
	if _, err := s.Core().Secrets("default").Create(t.Context(), other, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	const wrong = "read Secret default/b-kubectl-certs-order: type Opaque instead of kubectl-certs.dev/order: delete the Secret"
	if _, err := s.Journal(t.Context(), issuance.Ref{Namespace: "default", Name: "b"}); text(err) != wrong {
		t.Errorf("another Secret: %v", err)
	}
	server.Before = broken(each)
	if _, err := s.Journal(t.Context(), d.Ref); !strings.HasPrefix(text(err), "read Secret default/a-kubectl-certs-order: ") {
		t.Errorf("error %v", err)
	}
}
