package cmd_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestLiveHandover: cert-manager takes over what a run issued, as it is, and a
// run takes over from cert-manager.
func TestLiveHandover(t *testing.T) {
	built(t, "lab-cert-manager", "make -C lab full")
	s := startIssuing(t)
	s.names("a.example.com", "b.example.com")
	file := s.file("hand", "{http01: {}}", "expose:\n"+expose("a", "hand", "a.example.com")+
		"certificates:\n- {name: explicit, namespace: shop, secretName: b-tls, issuer: hand, dnsNames: [b.example.com]}\n")
	once := append([]string{"run", "--once", "-f", file}, s.static()...)
	certs(t, 0, once...)
	serials := func() [2]string {
		return [2]string{s.issued("a-tls", "a.example.com"), s.issued("b-tls", "b.example.com")}
	}
	before := serials()

	t.Run("to cert-manager", func(t *testing.T) {
		certs(t, 0, "apply", "-f", file)
		startCertManager(t, s.lab)
		p := clusterChecks{t, s.client}
		p.ready("ClusterIssuer", "", "hand")
		p.ready("Certificate", "shop", "a-tls")
		p.ready("Certificate", "shop", "explicit")
		time.Sleep(3 * time.Second) // for second thoughts
		if after := serials(); before != after {
			t.Errorf("cert-manager issued anew: %v, then %v", before, after)
		}
		requests, err := s.client.Resource(schema.GroupVersionResource{Group: "cert-manager.io", Version: "v1", Resource: "certificaterequests"}).List(t.Context(), metav1.ListOptions{})
		if err != nil || len(requests.Items) > 0 {
			t.Errorf("cert-manager made %d requests (%v)", len(requests.Items), err)
		}
	})
	if out, talk := certs(t, 0, once...); out != "" || !strings.Contains(talk, "0 deferred, 2 up to date") {
		t.Errorf("back from cert-manager\n%s%s", out, talk)
	}
	if after := serials(); before != after {
		t.Errorf("issued anew: %v, then %v", before, after)
	}

	// While cert-manager holds its Lease, a run keeps off.
	lease := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
		"metadata": map[string]any{"name": "cert-manager-controller"},
		"spec": map[string]any{
			"holderIdentity": "cert-manager-7d9f", "leaseDurationSeconds": int64(60),
			"renewTime": time.Now().UTC().Format(metav1.RFC3339Micro), "acquireTime": time.Now().UTC().Format(metav1.RFC3339Micro),
		},
	}}
	leases := s.client.Resource(schema.GroupVersionResource{Group: "coordination.k8s.io", Version: "v1", Resource: "leases"}).Namespace("cert-manager")
	if _, err := leases.Create(t.Context(), lease, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	_, talk := certs(t, 2, once...)
	want := "error: cert-manager is running (Lease cert-manager/cert-manager-controller, held by cert-manager-7d9f) and issues from the same objects\n"
	if !strings.Contains(talk, want) {
		t.Errorf("beside cert-manager\n%s", talk)
	}
}
