package cmd_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// clusterTests are tests of commands with a cluster, by the behaviour that they
// test. All run on kubetest, and on the lab's API server.
type clusterTests map[string]func(t *testing.T, c testCluster)

// testCluster is what a test has of a cluster: a namespace of its own, which it
// calls shop. That word means the namespace in all it gives and gets.
type testCluster struct {
	t         *testing.T
	client    dynamic.Interface
	namespace string
	dir       string
}

// onKube runs tests on an API server each, in this process.
func onKube(t *testing.T, tests clusterTests) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := testCluster{t: t, client: clientOf(t, startKube(t)), namespace: "shop", dir: t.TempDir()}
			makeNamespaces(t, c.client, c.namespace)
			test(t, c)
		})
	}
}

// onLab runs tests on one real API server. Their namespaces have names as long as
// shop, so that tables look the same.
func onLab(t *testing.T, tests clusterTests) {
	client := startLab(t).client()
	for i, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			c := testCluster{t: t, client: client, namespace: fmt.Sprintf("s%03d", i), dir: t.TempDir()}
			makeNamespaces(t, client, c.namespace)
			tests[name](t, c)
		})
	}
}

func (c testCluster) theirs(text string) string { return strings.ReplaceAll(text, "shop", c.namespace) }
func (c testCluster) ours(text string) string   { return strings.ReplaceAll(text, c.namespace, "shop") }

// certs runs a command in namespace shop, unless it looks elsewhere, and wants an
// exit code.
func (c testCluster) certs(want int, args ...string) (stdout, stderr string) {
	c.t.Helper()
	for i := range args {
		args[i] = c.theirs(args[i])
	}
	if !slices.Contains(args, "-A") && !slices.Contains(args, "--in") {
		args = append(args, "-n", c.namespace)
	}
	stdout, stderr = certs(c.t, want, args...)
	return c.ours(stdout), c.ours(stderr)
}

// file writes a file and returns its path.
func (c testCluster) file(name, content string) string {
	c.t.Helper()
	file := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		c.t.Fatal(err)
	}
	return write(c.t, file, c.theirs(content))
}

// apply makes objects, as another field manager.
func (c testCluster) apply(documents string) {
	c.t.Helper()
	apply(c.t, c.client, c.theirs(documents))
}

// patch changes an object by a merge patch, as another field manager.
func (c testCluster) patch(manager string, resource schema.GroupVersionResource, namespace, name, patch string) {
	c.t.Helper()
	_, err := c.client.Resource(resource).Namespace(c.theirs(namespace)).Patch(c.t.Context(), c.theirs(name), "application/merge-patch+json", []byte(patch), metav1.PatchOptions{FieldManager: manager})
	if err != nil {
		c.t.Fatal(err)
	}
}

// get returns an object.
func (c testCluster) get(resource schema.GroupVersionResource, namespace, name string) *unstructured.Unstructured {
	c.t.Helper()
	o, err := c.client.Resource(resource).Namespace(c.theirs(namespace)).Get(c.t.Context(), c.theirs(name), metav1.GetOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	return o
}

// names lists the objects of a kind in a namespace, "" for all.
func (c testCluster) names(resource schema.GroupVersionResource, namespace string) []string {
	c.t.Helper()
	list, err := c.client.Resource(resource).Namespace(c.theirs(namespace)).List(c.t.Context(), metav1.ListOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	names := []string{}
	for _, item := range list.Items {
		if item.GetName() != "kube-root-ca.crt" {
			names = append(names, c.ours(item.GetName()))
		}
	}
	return names
}
