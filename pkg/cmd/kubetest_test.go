package cmd_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
)

// kubeconfig is the file by which kubectl reaches a server.
func kubeconfig(t testing.TB, dir, server string) string {
	t.Helper()
	file := filepath.Join(dir, "kubeconfig")
	write(t, file, fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: %q}}]
contexts: [{name: test, context: {cluster: test, namespace: shop}}]
`, server))
	return file
}

// startKube starts an API server, and points KUBECONFIG to it.
func startKube(t testing.TB, absent ...string) *kubetest.Server {
	t.Helper()
	s := kubetest.Start(t, absent...)
	t.Setenv("KUBECONFIG", kubeconfig(t, t.TempDir(), s.URL))
	t.Setenv("HOME", t.TempDir()) // where kubectl's discovery cache is
	return s
}

func clientOf(t testing.TB, s *kubetest.Server) dynamic.Interface {
	t.Helper()
	client, err := dynamic.NewForConfig(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// patches counts the patches that a server received, and those it answered.
func patches(s *kubetest.Server) (begun, done int) {
	for _, r := range s.Requests() {
		if r.Verb == "patch" {
			begun++
			if r.Code != 0 {
				done++
			}
		}
	}
	return begun, done
}

// countConfigMaps counts those of namespace shop.
func countConfigMaps(t testing.TB, s *kubetest.Server) int {
	t.Helper()
	list, err := clientOf(t, s).Resource(configMapsOf).Namespace("shop").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Items)
}

// before makes a hook of a server that refuses nothing.
func before(hook func(*http.Request)) func(*http.Request) error {
	return func(r *http.Request) error {
		hook(r)
		return nil
	}
}

// configMaps makes a kustomization of n ConfigMaps.
func configMaps(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d, namespace: shop}\ndata: {a: b}\n", i)
	}
	write(t, filepath.Join(dir, "all.yaml"), all.String())
	write(t, filepath.Join(dir, "kustomization.yaml"), "resources: [all.yaml]\n")
	return dir
}
