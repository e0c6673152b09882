package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/kubetest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// clientOf returns a client of a server, whose own namespace is default.
func clientOf(t *testing.T, server *kubetest.Server) *Client {
	t.Helper()
	c, err := New(server.Config(), server.Mapper(), "default")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// object returns an object. A namespace of "" means none.
func object(apiVersion, kind, namespace, name string) manifest.Object {
	metadata := map[string]any{"name": name}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	return manifest.Object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
}

func configMap(name string) manifest.Object { return object("v1", "ConfigMap", "default", name) }

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// failingMapper is the mapper of a server without discovery.
type failingMapper struct{ meta.RESTMapper }

func (failingMapper) RESTMapping(schema.GroupKind, ...string) (*meta.RESTMapping, error) {
	return nil, errors.New("discovery failed")
}

// TestResolveScope: namespaced objects get the namespace of the context, unless
// they have one; unknown kinds are returned once, and the input is unchanged.
func TestResolveScope(t *testing.T) {
	server := kubetest.Start(t, "cert-manager.io")
	objects := []manifest.Object{
		object("cert-manager.io/v1", "Issuer", "", "a"), object("v1", "ConfigMap", "", "a"), object("v1", "ConfigMap", "shop", "b"),
		object("v1", "Namespace", "", "shop"), object("cert-manager.io/v1", "Issuer", "", "b"), object("v1", "ConfigMap", "", "c"),
	}
	placed, unknown, err := clientOf(t, server).ResolveScope(objects)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range placed {
		got = append(got, o.ID().String())
	}
	if diff := cmp.Diff([]string{"ConfigMap/default/a", "ConfigMap/shop/b", "Namespace/shop", "ConfigMap/default/c"}, got); diff != "" {
		t.Errorf("placed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]schema.GroupVersionKind{{Group: "cert-manager.io", Version: "v1", Kind: "Issuer"}}, unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if objects[1].Namespace() != "" {
		t.Errorf("the input has become %v", objects[1])
	}
	c, err := New(server.Config(), failingMapper{}, "default")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ResolveScope(objects); textOf(err) != "find Issuer on the server: discovery failed" {
		t.Errorf("without discovery: %v", err)
	}
}

// TestRead: a few objects of a kind are read one by one, and many by a list of
// their namespace. Missing ones are left out.
func TestRead(t *testing.T) {
	for n, want := range map[int]string{fewObjects: "get", fewObjects + 1: "list"} {
		t.Run(want, func(t *testing.T) {
			server := kubetest.Start(t)
			c := clientOf(t, server)
			var wanted []manifest.Object
			for i := range n {
				wanted = append(wanted, configMap(fmt.Sprint("c", i)))
				if i == 0 { // a missing one
					continue
				}
				if _, err := c.Apply(t.Context(), wanted[i], metav1.ApplyOptions{FieldManager: "test"}); err != nil {
					t.Fatal(err)
				}
			}
			before := len(server.Requests())
			found, err := c.Read(t.Context(), wanted)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range wanted {
				if _, there := found[o.ID()]; there != (i > 0) {
					t.Errorf("%s is found: %v", o.ID(), there)
				}
			}
			var verbs []string
			for _, r := range server.Requests()[before:] {
				verbs = append(verbs, r.Verb)
			}
			if verbs = slices.Compact(verbs); !slices.Equal(verbs, []string{want}) {
				t.Errorf("read with %v", verbs)
			}
			server.Allow = func(kubetest.Request) bool { return false }
			if found, err := c.Read(t.Context(), wanted); err == nil || !strings.Contains(err.Error(), "is forbidden: cannot "+want) || found != nil {
				t.Errorf("forbidden: %v and %v", found, err)
			}
		})
	}
	_, err := clientOf(t, kubetest.Start(t, "cert-manager.io")).Read(t.Context(), []manifest.Object{object("cert-manager.io/v1", "Issuer", "default", "a")})
	if !meta.IsNoMatchError(err) {
		t.Errorf("a kind that is not served: %v", err)
	}
}

// TestWrites: the result or the error of each kind of write.
func TestWrites(t *testing.T) {
	withUID := func(uid string) manifest.Object {
		o := configMap("a")
		o.Map("metadata")["uid"] = uid
		return o
	}
	apply := func(o manifest.Object) func(context.Context, *Client) (manifest.Object, error) {
		return func(ctx context.Context, c *Client) (manifest.Object, error) {
			return c.Apply(ctx, o, metav1.ApplyOptions{FieldManager: "test"})
		}
	}
	patch := func(o manifest.Object) func(context.Context, *Client) (manifest.Object, error) {
		return func(ctx context.Context, c *Client) (manifest.Object, error) {
			return c.Patch(ctx, o, []byte(`{"metadata":{"labels":{"l":"x"}}}`), metav1.PatchOptions{})
		}
	}
	remove := func(o manifest.Object, dryRun bool) func(context.Context, *Client) (manifest.Object, error) {
		return func(ctx context.Context, c *Client) (manifest.Object, error) { return nil, c.Delete(ctx, o, dryRun) }
	}
	issuer := object("cert-manager.io/v1", "Issuer", "default", "a")
	const unknown = `no matches for kind "Issuer" in version "cert-manager.io/v1"`
	for name, tt := range map[string]struct {
		write  func(context.Context, *Client) (manifest.Object, error)
		forbid bool
		result string
		left   bool // ConfigMap a is there afterwards
		err    string
	}{
		"apply":                     {write: apply(configMap("b")), result: "ConfigMap/default/b", left: true},
		"apply, forbidden":          {write: apply(configMap("b")), forbid: true, left: true, err: `configmaps "b" is forbidden: cannot patch`},
		"apply, not served":         {write: apply(issuer), left: true, err: unknown},
		"patch":                     {write: patch(configMap("a")), result: "ConfigMap/default/a l=x", left: true},
		"patch, missing":            {write: patch(configMap("b")), left: true, err: `configmaps "b" not found`},
		"patch, not served":         {write: patch(issuer), left: true, err: unknown},
		"delete":                    {write: remove(configMap("a"), false)},
		"delete, dry run":           {write: remove(configMap("a"), true), left: true},
		"delete, missing":           {write: remove(configMap("b"), false), left: true},
		"delete, forbidden":         {write: remove(configMap("a"), false), forbid: true, left: true, err: `delete ConfigMap/default/a: configmaps "a" is forbidden: cannot delete`},
		"delete, another of a name": {write: remove(withUID("other"), false), left: true, err: `delete ConfigMap/default/a: Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again`},
		"delete, not served":        {write: remove(issuer, false), left: true, err: unknown},
	} {
		t.Run(name, func(t *testing.T) {
			server := kubetest.Start(t, "cert-manager.io")
			c := clientOf(t, server)
			if _, err := apply(configMap("a"))(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			server.Allow = func(kubetest.Request) bool { return !tt.forbid }
			o, err := tt.write(t.Context(), c)
			if textOf(err) != tt.err {
				t.Errorf("error %v, want %s", err, tt.err)
			}
			got := ""
			if o != nil {
				got = o.ID().String()
			}
			for key, value := range o.Labels() {
				got += " " + key + "=" + value
			}
			if got != tt.result {
				t.Errorf("got %q, want %q", got, tt.result)
			}
			server.Allow = nil
			found, err := c.Read(t.Context(), []manifest.Object{configMap("a")})
			if err != nil || len(found) == 1 != tt.left {
				t.Errorf("afterwards there are %d, %v", len(found), err)
			}
		})
	}
}

// TestAllowed: the answer is that of the server; no answer is an error.
func TestAllowed(t *testing.T) {
	server := kubetest.Start(t)
	c := clientOf(t, server)
	server.Allow = func(r kubetest.Request) bool {
		return r.Verb == "create" && r.Resource == "serviceaccounts" && r.Subresource == "token"
	}
	for resource, want := range map[string]bool{"serviceaccounts/token": true, "serviceaccounts": false} {
		got, err := c.Allowed(t.Context(), Access{Verb: "create", Resource: resource})
		if err != nil || got != want {
			t.Errorf("%s: %v and %v", resource, got, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	got, err := c.Allowed(ctx, Access{Verb: "create", Resource: "pods"})
	if got || !errors.Is(err, context.Canceled) || !strings.HasPrefix(textOf(err), "check the permission to create pods: ") {
		t.Errorf("canceled: %v and %v", got, err)
	}
}
