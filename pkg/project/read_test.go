package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFiles: the certs.yaml among names is recognised by its kind. What reads
// certs.yaml alone refuses manifests, and a target is both.
func TestFiles(t *testing.T) {
	const (
		certs = header + "metadata: {name: shop}\nissuers: [{name: web, ca: {secretName: ca}}]\n"
		web   = "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: web}\n"
	)
	configMap := func(name string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: shop}\n"
	}
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"certs.yaml": certs, "two.yaml": certs, "envs.yaml": issuers, "broken.yaml": header + "expose: 1\n",
		"a.yaml": configMap("a"), "ab.yaml": configMap("b") + "---\n" + configMap("a"), "web.yaml": web,
		"all.yaml": certs + "---\n" + configMap("a"), "none.yaml": "---\n---\n", "null.yaml": "---\n",
		"rotation.yaml":   "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\n",
		"generate.yaml":   "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: g-, namespace: shop}\n",
		"shop/certs.yaml": certs, "shop/sub/a.yaml": configMap("a"),
	} {
		write(t, name, text)
	}
	const both = " are both of kind Certs, and only one is allowed"
	alone := func(file, id string) string {
		return file + ": unexpected " + id + "; only kind Certs of kubectl-certs.dev/v1alpha1 is supported here"
	}
	for _, test := range []struct {
		names       []string
		environment string
		recursive   bool
		stdin       string
		certs       string // the name of what Parse reads, or its error
		set         string // of the target
		target      string // its objects, or its error
	}{
		{names: []string{"certs.yaml"}, certs: "certs.yaml", set: "shop_default", target: "ClusterIssuer/web"},
		{names: []string{"-"}, stdin: certs, certs: "stdin", set: "shop_default", target: "ClusterIssuer/web"},
		{names: []string{"shop"}, certs: "shop/certs.yaml", set: "shop_default", target: "ClusterIssuer/web"},
		{names: []string{"a.yaml", "certs.yaml"}, certs: alone("a.yaml", "ConfigMap/shop/a"), set: "shop_default", target: "ClusterIssuer/web ConfigMap/shop/a"},
		{names: []string{"shop"}, recursive: true, certs: alone("shop/sub/a.yaml", "ConfigMap/shop/a"), set: "shop_default", target: "ClusterIssuer/web ConfigMap/shop/a"},
		{names: []string{"all.yaml"}, certs: alone("all.yaml", "ConfigMap/shop/a"), set: "shop_default", target: "ClusterIssuer/web ConfigMap/shop/a"},
		{names: []string{"envs.yaml", "a.yaml"}, environment: "prod", certs: alone("a.yaml", "ConfigMap/shop/a"), set: "shop_prod", target: "ClusterIssuer/web ClusterIssuer/corp ConfigMap/shop/a"},
		{names: []string{"a.yaml"}, certs: alone("a.yaml", "ConfigMap/shop/a"), target: "ConfigMap/shop/a"},

		{names: []string{"certs.yaml", "two.yaml"}, certs: "certs.yaml:2 and two.yaml:2" + both, target: "certs.yaml:2 and two.yaml:2" + both},
		{names: []string{"rotation.yaml"}, certs: "rotation.yaml:2: unexpected kind Rotation; must be Certs", target: "rotation.yaml:2: unexpected kind Rotation; must be Certs"},
		{names: []string{"broken.yaml", "a.yaml"}, certs: "broken.yaml:3: expose: must be a list (a dash before each entry), not a single value", target: "broken.yaml:3: expose: must be a list (a dash before each entry), not a single value"},
		{names: []string{"null.yaml", "none.yaml"}, certs: "null.yaml, none.yaml: no objects in it", target: "null.yaml, none.yaml: no objects in it"},
		{names: []string{"none.yaml"}, certs: "none.yaml:1: the file is empty; it starts with apiVersion: kubectl-certs.dev/v1alpha1", target: "none.yaml:1: the file is empty; it starts with apiVersion: kubectl-certs.dev/v1alpha1"},
		{names: []string{"nowhere.yaml"}, certs: "nowhere.yaml: no such file or folder", target: "nowhere.yaml: no such file or folder"},
		{names: []string{"a.yaml"}, environment: "prod", certs: alone("a.yaml", "ConfigMap/shop/a"), target: "-e prod needs a certs.yaml, and -f has none"},
		{names: []string{"certs.yaml", "web.yaml"}, certs: alone("web.yaml", "ClusterIssuer/web"), target: "web.yaml: duplicate ClusterIssuer/web, first in certs.yaml"},
		{names: []string{"a.yaml", "ab.yaml"}, certs: alone("a.yaml", "ConfigMap/shop/a") + "\n" + alone("ab.yaml", "ConfigMap/shop/b"), target: "ab.yaml: duplicate ConfigMap/shop/a, first in a.yaml"},
		{names: []string{"generate.yaml"}, certs: alone("generate.yaml", "ConfigMap/shop/"), target: "generate.yaml: ConfigMap/shop/ has no name; generateName is not supported"},
	} {
		options := func() Options {
			return Options{Files: test.names, Recursive: test.recursive, Environment: test.environment, Stdin: strings.NewReader(test.stdin)}
		}
		doc, err := Parse(options())
		if got := doc.Name() + text(err); got != test.certs {
			t.Errorf("%q: Parse: %q\nwant %q", test.names, got, test.certs)
		}
		target, err := ReadTarget(t.Context(), options())
		var ids []string
		for _, o := range target.Objects {
			ids = append(ids, o.ID().String())
		}
		got := strings.Join(ids, " ")
		if err != nil {
			got, target.Set = err.Error(), ""
		}
		if diff := cmp.Diff(test.target, got); diff != "" || target.Set != test.set {
			t.Errorf("%q: set %q, target (-want +got):\n%s", test.names, target.Set, diff)
		}
	}
}

// TestFilesTree: the tree is beside the certs.yaml that is found, and so are the
// CA files that it names.
func TestFilesTree(t *testing.T) {
	o := fill(t, map[string]string{
		"shop/certs.yaml": header + "trust: [{name: corp, from: [roots.pem], to: {configmap: {namespaces: [shop]}}}]\n",
	})
	dir := filepath.Join(filepath.Dir(o.File), "shop")
	o = Options{Files: []string{dir}}
	if got := o.TreeDir(); got != dir {
		t.Errorf("before it is read, the folder of the tree is %q", got)
	}
	if _, err := Open(t.Context(), o); !strings.Contains(text(err), "roots.pem: no such file") {
		t.Errorf("a CA file is looked for elsewhere: %v", err)
	}
	write(t, filepath.Join(dir, "certs.yaml"), header+"issuers: [{name: web, ca: {secretName: ca}}]\n")
	tree := generate(t, o)
	if found := files(t, dir); found["base/cluster/clusterissuer-web.yaml"] == "" || tree.dir != dir {
		t.Errorf("the tree in %q has %d files", tree.dir, len(found))
	}
	if got := (Options{Files: []string{"-"}}).TreeDir(); got != "." {
		t.Errorf("the folder of stdin is %q", got)
	}
}

// TestOtherNames: a certs.yaml of another name in the folder is named if there is no
// certs.yaml.
func TestOtherNames(t *testing.T) {
	t.Chdir(t.TempDir())
	const missing = "no certs.yaml in this folder, or above it in a Git repository"
	for _, step := range []struct{ name, text, want string }{
		{"values.yml", "a: b\n", missing},
		{"certificates.yaml", "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n", missing + "; did you mean certificates.yaml? name it with -f"},
		{"certs.yml", "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n", missing + "; did you mean certs.yml? name it with -f"},
	} {
		if err := os.WriteFile(step.name, []byte(step.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(Options{File: "certs.yaml"}); err == nil || err.Error() != step.want {
			t.Errorf("with %s: %v", step.name, err)
		}
	}
}
