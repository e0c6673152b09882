package cluster

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"

	"github.com/kubectl-certs/kubectl-certs/pkg/cabundle"
	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// surveyed is a cluster with a ConfigMap that trusts the old root, and two
// servers: one signed by it, and one of an unknown CA.
func surveyed(t *testing.T, old, private catest.Authority) (*Reader, kubernetes.Interface) {
	t.Helper()
	config := kubetest.Start(t).Config()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(config)))
	served, err := kube.New(config, mapper, "shop")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := NewReader(config, served)
	if err != nil {
		t.Fatal(err)
	}
	shop := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}}
	if _, err := client.CoreV1().Namespaces().Create(t.Context(), shop, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	roots := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "roots"}, Data: map[string]string{"ca.crt": string(catest.PEM(old))}}
	if _, err := client.CoreV1().ConfigMaps("shop").Create(t.Context(), roots, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, ca := range map[string]catest.Authority{"web": old, "private": private.Below("Issuing")} {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}, Type: corev1.SecretTypeTLS,
			Data: map[string][]byte{"tls.crt": catest.PEM(ca.Leaf(name), ca), "tls.key": []byte("key")},
		}
		if _, err := client.CoreV1().Secrets("shop").Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return reader, client
}

// TestSurvey: a chain with an unknown CA is a doubt, unless a webhook's CA
// completes it.
func TestSurvey(t *testing.T) {
	old, private := catest.Root("Old Root"), catest.Root("Private Root")
	reader, client := surveyed(t, old, private)
	survey := func() (lines []string) {
		t.Helper()
		q := usage.NewQuestion(catest.List(old), nil, catest.Date(2026, 11, 22))
		reports, err := reader.Survey(t.Context(), &usage.Pool{}, "", q)
		if err != nil || len(reports) != 1 {
			t.Fatalf("%d reports and %v", len(reports), err)
		}
		for _, u := range reports[0].Uses {
			lines = append(lines, fmt.Sprint(u.Ref, " ", u.Role, " ", len(u.Users)))
		}
		for _, d := range reports[0].Doubts {
			lines = append(lines, fmt.Sprint(d.Ref, ": ", d.Why))
		}
		return lines
	}
	doubt := "secret/shop/private: the chain of private ends at CN=Private Root, which is unknown"
	if diff := cmp.Diff([]string{"configmap/shop/roots trust 0", "secret/shop/web certificate 0", doubt}, survey()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	hooks := &admissionv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "hook"},
		Webhooks:   []admissionv1.ValidatingWebhook{{Name: "a.example.com", ClientConfig: admissionv1.WebhookClientConfig{CABundle: catest.PEM(private)}}},
	}
	if _, err := client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(t.Context(), hooks, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"configmap/shop/roots trust 0", "secret/shop/web certificate 0"}, survey()); diff != "" {
		t.Errorf("with the CA of a webhook (-want +got):\n%s", diff)
	}
}

// TestFindCAs: a CA in the cluster is found by its fingerprint. A missing one
// is an error with a hint.
func TestFindCAs(t *testing.T) {
	old, private := catest.Root("Old Root"), catest.Root("Private Root")
	reader, _ := surveyed(t, old, private)
	pins := func(cas ...any) (pins []cabundle.Pin) {
		for _, c := range catest.List(cas...) {
			pins = append(pins, cabundle.PinOf(cabundle.Entry{Cert: c}))
		}
		return pins
	}
	for name, want := range map[string][]any{"none": nil, "one": {old}} {
		found, err := reader.FindCAs(t.Context(), pins(want...))
		if err != nil || catest.Names(found) != catest.Names(catest.List(want...)) {
			t.Errorf("%s: found %q and %v", name, catest.Names(found), err)
		}
	}
	_, err := reader.FindCAs(t.Context(), pins(old, private))
	if text, _ := hint.Of(err); err == nil || text != "give the CA as a file" {
		t.Errorf("a missing CA: %v with hint %q", err, text)
	}
}

// TestCompare: a location is compared with its desired certificates, and a
// missing one is reported.
func TestCompare(t *testing.T) {
	old, private := catest.Root("Old Root"), catest.Root("Private Root")
	reader, _ := surveyed(t, old, private)
	var wanted []Target
	for _, text := range []string{"configmap/shop/roots", "configmap/shop/absent"} {
		location, err := usage.ParseLocation(text)
		if err != nil {
			t.Fatal(err)
		}
		wanted = append(wanted, Target{Location: location, Certs: catest.List(old, private)})
	}
	c, err := reader.Compare(t.Context(), wanted, "cert-manager", &usage.Values{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range c.Locations {
		got = append(got, fmt.Sprintf("%s %s-%s", l.Location, l.Absent, catest.Names(l.Against().Missing)))
	}
	if diff := cmp.Diff([]string{"configmap/shop/absent not found-", "configmap/shop/roots -Private Root"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := catest.Names(c.Certificates); got != "Old Root → Private Root" || c.Different() != 2 {
		t.Errorf("certificates %q, %d differ", got, c.Different())
	}
}
