package rotator_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/catest"
	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/kube"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/cluster"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotation"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/rotator"
	"github.com/kubectl-certs/kubectl-certs/pkg/trust/usage"
)

// serveTLS serves a certificate of a CA until the test ends, and returns the
// address.
func serveTLS(t *testing.T, ca catest.Authority) string {
	t.Helper()
	leaf := ca.Leaf("web")
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: catest.KeyOf("leaf web")}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_ = c.(*tls.Conn).Handshake()
				c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

// closedPort returns an address at which nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestFacts: the state of the cluster and of the servers, or why it cannot be
// read.
func TestFacts(t *testing.T) {
	ofOld, ofNew, gone := serveTLS(t, old), serveTLS(t, fresh), closedPort(t)
	server := kubetest.Start(t)
	client := kubernetes.NewForConfigOrDie(server.Config()).CoreV1()
	for _, s := range []*corev1.Secret{
		{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Type: corev1.SecretTypeTLS, Data: map[string][]byte{"tls.crt": catest.PEM(old.Leaf("web")), "tls.key": []byte("key")}},
		{ObjectMeta: metav1.ObjectMeta{Name: "api"}, Type: corev1.SecretTypeTLS, Data: map[string][]byte{"tls.crt": catest.PEM(fresh.Leaf("api")), "tls.key": []byte("key")}},
	} {
		if _, err := client.Secrets("default").Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	roots := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "roots"}, Data: map[string]string{"ca.crt": string(catest.PEM(old))}}
	if _, err := client.ConfigMaps("default").Create(t.Context(), roots, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "c", Image: "i"}},
		Volumes:    []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "roots"}}}}},
	}}
	if _, err := client.Pods("default").Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := load(t, map[string]string{"old.pem": string(catest.PEM(old)), "new.pem": string(catest.PEM(fresh)), "sub/roots.pem": together})
	if err != nil {
		t.Fatal(err)
	}
	p.Rotation.Servers = []string{ofNew, gone, ofOld}
	p.Rotation.Locations = []usage.Location{{Kind: "ConfigMap", Namespace: "default", Name: "roots"}}
	for name, tt := range map[string]struct{ forbidden, verb, want string }{
		"all":                      {want: "OfOld configmap/default/roots, secret/default/web; OfNew secret/default/api; locations configmap/default/roots Old Root; pods pod/default/p; server 0 needs ; server 1 failed; server 2 needs web → Old Root"},
		"Secrets are forbidden":    {"secrets", "list", `list Secrets: secrets is forbidden: cannot list`},
		"a location is forbidden":  {"configmaps", "get", `read configmap/default/roots: configmaps "roots" is forbidden: cannot get`},
		"the pods are forbidden":   {"pods", "list", "list pods: pods is forbidden: cannot list"},
		"some users are forbidden": {"ingresses", "list", "OfOld configmap/default/roots, secret/default/web; OfNew secret/default/api; locations configmap/default/roots Old Root; pods pod/default/p; server 0 needs ; server 1 failed; server 2 needs web → Old Root; note listing ingresses is forbidden, so the result may be incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := kube.New(server.Config(), server.Mapper(), "default")
			if err != nil {
				t.Fatal(err)
			}
			reader, err := cluster.NewReader(server.Config(), c)
			if err != nil {
				t.Fatal(err)
			}
			server.Allow = func(r kubetest.Request) bool { return r.Resource != tt.forbidden || r.Verb != tt.verb }
			f, err := p.Facts(t.Context(), rotator.Sources{Cluster: reader, Pods: reader}, now)
			got := factsText(f)
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// factsText describes facts.
func factsText(f rotation.Facts) string {
	refs := func(uses []usage.Use) string {
		var names []string
		for _, u := range uses {
			names = append(names, u.Ref.String())
		}
		return strings.Join(names, ", ")
	}
	parts := []string{"OfOld " + refs(f.OfOld), "OfNew " + refs(f.OfNew)}
	for _, l := range f.Locations {
		parts = append(parts, "locations "+l.Location+" "+catest.Names(l.Certs))
	}
	for _, pod := range f.Pods {
		parts = append(parts, "pods "+pod.Ref.String())
	}
	for i, s := range f.Servers {
		state := "needs " + catest.Names(s.Needs)
		if s.Failed != "" {
			state = "failed"
		}
		parts = append(parts, "server "+string(rune('0'+i))+" "+state)
	}
	for _, note := range f.Unseen {
		parts = append(parts, "note "+note)
	}
	return strings.Join(parts, "; ")
}

// TestCertsFile: the file that generates the locations is in the folder of the
// rotation, if there is one.
func TestCertsFile(t *testing.T) {
	p, err := load(t, map[string]string{"old.pem": string(catest.PEM(old)), "new.pem": string(catest.PEM(fresh))})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.CertsFile(); got != "" {
		t.Errorf("without one: %q", got)
	}
	p.Rotation.Trust = &rotation.Entry{File: "../certs.yaml"}
	if got := p.CertsFile(); got != "certs.yaml" {
		t.Errorf("got %q", got)
	}
}
