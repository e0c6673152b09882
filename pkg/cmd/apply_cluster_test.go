package cmd_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestApply(t *testing.T)     { onKube(t, applyTests) }
func TestLiveApply(t *testing.T) { onLab(t, applyTests) }

const (
	shopIssuer = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: shop}
issuers:
- {name: shop-ca, ca: {secretName: ca}}
`
	shopA    = "- {name: a, namespace: shop, host: a.example.com, className: traefik, issuer: shop-ca, routes: [{path: /, service: s, port: 80}]}\n"
	shopB    = "- {name: b, namespace: shop, host: b.example.com, className: traefik, issuer: shop-ca, routes: [{path: /, service: s, port: 80}]}\n"
	shopSpec = shopIssuer + "expose:\n" + shopA + shopB
)

// TestApplyWritesNothingTwice: what is there as it should be costs no write.
func TestApplyWritesNothingTwice(t *testing.T) {
	kube := startKube(t)
	makeNamespaces(t, clientOf(t, kube), "shop")
	file := write(t, filepath.Join(t.TempDir(), "certs.yaml"), strings.Replace(shopSpec, "host: b.", "annotations: {note: x}, host: b.", 1))
	before, _ := patches(kube)
	certs(t, 0, "apply", "-f", file)
	first, _ := patches(kube)
	certs(t, 0, "apply", "-f", file)
	certs(t, 0, "diff", "--live", "-f", file)
	if second, _ := patches(kube); first-before != 3 || second != first {
		t.Errorf("%d writes, then %d", first-before, second-first)
	}
}

var applyTests = clusterTests{
	"apply creates what is missing, and nothing twice": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", shopSpec)
		out, talk := c.certs(0, "apply", "-f", file)
		want := "clusterissuer.cert-manager.io/shop-ca created\ningress.networking.k8s.io/a created\ningress.networking.k8s.io/b created\n"
		if diff := cmp.Diff(want, out+talk); diff != "" {
			t.Errorf("the first time (-want +got):\n%s", diff)
		}
		first := c.get(kinds["Ingress"], "shop", "a")
		out, talk = c.certs(0, "apply", "-f", file)
		if diff := cmp.Diff(strings.ReplaceAll(want, "created", "unchanged"), out+talk); diff != "" {
			t.Errorf("the second time (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(first, c.get(kinds["Ingress"], "shop", "a")); diff != "" {
			t.Errorf("the second time writes (-before +after):\n%s", diff)
		}
	},

	"apply and diff say what a changed ACME server leaves": func(t *testing.T, c testCluster) {
		const spec = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nmetadata: {name: shop}\nissuers:\n" +
			"- {name: web, namespace: shop, acme: {server: letsencrypt-staging, solvers: [{http01: {}}]}}\n"
		file := c.file("certs.yaml", spec)
		if _, talk := c.certs(0, "apply", "-f", file); talk != "" {
			t.Errorf("a new issuer is reported as\n%s", talk)
		}
		c.file("certs.yaml", strings.Replace(spec, "letsencrypt-staging", "letsencrypt", 1))
		const note = "note: Issuer/shop/web: the ACME server changes from https://acme-staging-v02.api.letsencrypt.org/directory to https://acme-v02.api.letsencrypt.org/directory. " +
			"Issued certificates stay until they are renewed: with cert-manager, run cmctl renew NAME for each; kubectl certs run replaces them by itself.\n"
		if _, talk := c.certs(1, "diff", "--live", "-f", file); talk != "1 object differs: 1 changed\n"+note {
			t.Errorf("diff says\n%s", talk)
		}
		for _, args := range [][]string{{"--dry-run=server"}, nil} {
			if _, talk := c.certs(0, append([]string{"apply", "-f", file}, args...)...); talk != note {
				t.Errorf("apply %s says\n%s", args, talk)
			}
		}
		if _, talk := c.certs(0, "apply", "-f", file); talk != "" {
			t.Errorf("the second time apply says\n%s", talk)
		}
	},

	"apply takes manifests beside certs.yaml, and without one": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", shopIssuer)
		manifests := c.file("manifests.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: shop}}\n")
		out, talk := c.certs(0, "apply", "-f", file, "-f", manifests)
		if diff := cmp.Diff("configmap/a created\nconfigmap/b created\nclusterissuer.cert-manager.io/shop-ca created\n", out+talk); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		out, talk = c.certs(0, "diff", "--live", "-f", file, "-f", manifests)
		if diff := cmp.Diff("no differences\n", out+talk); diff != "" {
			t.Errorf("afterwards they differ (-want +got):\n%s", diff)
		}
		c.file("manifests.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}\n")
		out, _ = c.certs(0, "apply", "-f", file, "-f", manifests, "--prune")
		if diff := cmp.Diff("configmap/a unchanged\nclusterissuer.cert-manager.io/shop-ca unchanged\nconfigmap/b pruned\n", out); diff != "" {
			t.Errorf("with one less (-want +got):\n%s", diff)
		}
		_, talk = c.certs(2, "apply", "-f", manifests, "--prune")
		if !strings.HasPrefix(talk, "error: --prune needs the name of the set of objects\n") {
			t.Errorf("without a set: %s", talk)
		}
		out, _ = c.certs(0, "apply", "-f", manifests)
		if labels := c.get(configMapsOf, "shop", "a").GetLabels(); out != "configmap/a configured\n" || len(labels) != 0 {
			t.Errorf("without a set it is in none: %s labels %v", out, labels)
		}
	},

	"apply changes what differs, and removes what is no longer in the file": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", strings.Replace(shopSpec, "host: b.", "annotations: {note: x}, host: b.", 1))
		c.certs(0, "apply", "-f", file)
		if got := c.get(kinds["Ingress"], "shop", "b").GetAnnotations()["note"]; got != "x" {
			t.Errorf("the annotation is %q", got)
		}
		c.file("certs.yaml", shopSpec)
		out, _ := c.certs(0, "apply", "-f", file)
		if diff := cmp.Diff("clusterissuer.cert-manager.io/shop-ca unchanged\ningress.networking.k8s.io/a unchanged\ningress.networking.k8s.io/b configured\n", out); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got, found := c.get(kinds["Ingress"], "shop", "b").GetAnnotations()["note"]; found {
			t.Errorf("the annotation is still %q", got)
		}
	},

	"apply leaves fields of others alone": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", shopSpec)
		c.certs(0, "apply", "-f", file)
		c.patch("helm", kinds["Ingress"], "shop", "a", `{"metadata":{"labels":{"team":"x"}}}`)
		out, _ := c.certs(0, "apply", "-f", file)
		if strings.Count(out, " unchanged\n") != 3 {
			t.Errorf("says\n%s", out)
		}
		if got := c.get(kinds["Ingress"], "shop", "a").GetLabels()["team"]; got != "x" {
			t.Errorf("the label of the other is %q", got)
		}
	},

	"apply takes over a field of another manager only with --force-conflicts": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", shopSpec)
		c.certs(0, "apply", "-f", file)
		c.patch("helm", kinds["ClusterIssuer"], "", "shop-ca", `{"spec":{"ca":{"secretName":"theirs"}}}`)
		out, talk := c.certs(2, "apply", "-f", file)
		want := "error: apply ClusterIssuer/shop-ca: Apply failed with 1 conflict: conflict with \"helm\" using cert-manager.io/v1: .spec.ca.secretName\n" +
			"hint: --force-conflicts overwrites these fields; or remove them from certs.yaml\n"
		if diff := cmp.Diff(want, talk); diff != "" || out != "" {
			t.Errorf("prints\n%s(-want +got):\n%s", out, diff)
		}
		secret := func() any {
			return c.get(kinds["ClusterIssuer"], "", "shop-ca").Object["spec"].(map[string]any)["ca"].(map[string]any)["secretName"]
		}
		if got := secret(); got != "theirs" {
			t.Errorf("after the refusal, the field is %q", got)
		}
		out, _ = c.certs(0, "apply", "-f", file, "--force-conflicts")
		if got := secret(); got != "ca" || !strings.HasPrefix(out, "clusterissuer.cert-manager.io/shop-ca configured\n") {
			t.Errorf("by force, the field is %q\n%s", got, out)
		}
		out, _ = c.certs(0, "apply", "-f", file)
		if !strings.HasPrefix(out, "clusterissuer.cert-manager.io/shop-ca unchanged\n") {
			t.Errorf("afterwards\n%s", out)
		}
	},

	"a server-side dry run shows the outcome and writes nothing": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", shopIssuer+"expose:\n"+shopA)
		c.certs(0, "apply", "-f", file)
		c.file("certs.yaml", strings.Replace(shopSpec, "host: a.", "annotations: {note: x}, host: a.", 1))
		out, _ := c.certs(0, "apply", "-f", file, "--dry-run=server")
		want := "clusterissuer.cert-manager.io/shop-ca unchanged (server dry run)\ningress.networking.k8s.io/a configured (server dry run)\ningress.networking.k8s.io/b created (server dry run)\n"
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"a"}, c.names(kinds["Ingress"], "shop")); diff != "" {
			t.Errorf("Ingresses (-want +got):\n%s", diff)
		}
		if _, found := c.get(kinds["Ingress"], "shop", "a").GetAnnotations()["note"]; found {
			t.Error("the dry run writes")
		}
	},

	"apply --prune deletes what the set no longer has, and nothing else": func(t *testing.T, c testCluster) {
		const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: shop}\ndata: {a: b}\n"
		kustomization := func(names ...string) {
			c.file("kustomization.yaml", "resources: ["+strings.Join(names, ".yaml, ")+".yaml]\n")
			for _, name := range names {
				c.file(name+".yaml", strings.Replace(config, "%s", name, 1))
			}
		}
		kustomization("other")
		c.certs(0, "apply", "-k", c.dir, "--set", "shop-other")
		c.apply(strings.Replace(config, "%s", "foreign", 1))
		kustomization("one", "two")
		c.certs(0, "apply", "-k", c.dir, "--set", "shop-set")
		kustomization("one")

		out, _ := c.certs(0, "apply", "-k", c.dir, "--set", "shop-set", "--prune", "--dry-run=server")
		if want := "configmap/one unchanged (server dry run)\nconfigmap/two pruned (server dry run)\n"; out != want {
			t.Errorf("a dry run prints\n%swant\n%s", out, want)
		}
		if diff := cmp.Diff([]string{"foreign", "one", "other", "two"}, c.names(configMapsOf, "shop")); diff != "" {
			t.Errorf("a dry run leaves (-want +got):\n%s", diff)
		}
		out, _ = c.certs(0, "apply", "-k", c.dir, "--set", "shop-set", "--prune")
		if want := "configmap/one unchanged\nconfigmap/two pruned\n"; out != want {
			t.Errorf("prints\n%swant\n%s", out, want)
		}
		if diff := cmp.Diff([]string{"foreign", "one", "other"}, c.names(configMapsOf, "shop")); diff != "" {
			t.Errorf("leaves (-want +got):\n%s", diff)
		}
	},

	"apply -k overlays/prod --prune of one project leaves the objects of another": func(t *testing.T, c testCluster) {
		const spec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
metadata: {name: shop-NAME}
environments: [{name: prod}]
issuers:
- {name: NAME, namespace: shop, ca: {secretName: ca}}
expose:
- &route {name: NAME-a, namespace: shop, host: a.NAME.example.com, className: traefik, issuer: NAME, routes: [{path: /, service: s, port: 80}]}
`
		const second = "- {<<: *route, name: NAME-b, host: b.NAME.example.com}\n"
		project := func(name, routes string) (file, overlay string) {
			file = c.file(name+"/certs.yaml", strings.ReplaceAll(spec+routes, "NAME", name))
			certs(t, 0, "generate", "-f", file)
			return file, filepath.Join(filepath.Dir(file), "overlays", "prod")
		}
		_, one := project("one", second)
		file, two := project("two", second)
		c.certs(0, "apply", "-k", one, "--prune")
		c.certs(0, "apply", "-k", two, "--prune")
		for _, args := range [][]string{{"-k", one}, {"-k", two}, {"-f", file, "-e", "prod"}} {
			if out, talk := c.certs(0, append([]string{"diff", "--live", "--prune"}, args...)...); out != "" {
				t.Errorf("%s differs as\n%s%s", args, out, talk)
			}
		}
		project("two", "")
		if out, _ := c.certs(0, "apply", "-k", two, "--prune"); strings.Count(out, "pruned\n") != 1 || !strings.HasSuffix(out, "ingress.networking.k8s.io/two-b pruned\n") {
			t.Errorf("apply says\n%s", out)
		}
		if diff := cmp.Diff([]string{"one-a", "one-b", "two-a"}, c.names(kinds["Ingress"], "shop")); diff != "" {
			t.Errorf("leaves (-want +got):\n%s", diff)
		}
	},

	"apply --prune leaves a ConfigMap that a workload reads": func(t *testing.T, c testCluster) {
		c.file("kustomization.yaml", "resources: [one.yaml, two.yaml]\n")
		c.file("one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: shop}\ndata: {a: b}\n")
		c.file("two.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: two, namespace: shop}\ndata: {a: b}\n")
		c.certs(0, "apply", "-k", c.dir, "--set", "shop-set")
		c.apply(`{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {selector: {matchLabels: {a: api}},
			template: {metadata: {labels: {a: api}}, spec: {containers: [{name: c, image: i, envFrom: [{configMapRef: {name: two}}]}]}}}}`)
		c.file("kustomization.yaml", "resources: [one.yaml]\n")
		out, talk := c.certs(0, "apply", "-k", c.dir, "--set", "shop-set", "--prune")
		if out != "configmap/one unchanged\n" || talk != "note: ConfigMap/shop/two is not pruned: Deployment/shop/api uses it\n" {
			t.Errorf("says\n%s%s", out, talk)
		}
		if diff := cmp.Diff([]string{"one", "two"}, c.names(configMapsOf, "shop")); diff != "" {
			t.Errorf("leaves (-want +got):\n%s", diff)
		}
	},

	"apply makes namespaces and definitions before what needs them": func(t *testing.T, c testCluster) {
		c.file("kustomization.yaml", "resources: [all.yaml]\n")
		c.file("all.yaml", `apiVersion: shop.example.com/v1
kind: Thing
metadata: {name: thing, namespace: shop-new}
spec: {size: 1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: shop-new}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.shop.example.com}
spec:
  group: shop.example.com
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop-new}
`)
		out, _ := c.certs(0, "apply", "-k", c.dir)
		want := "namespace/shop-new created\ncustomresourcedefinition.apiextensions.k8s.io/things.shop.example.com created\nconfigmap/config created\nthing.shop.example.com/thing created\n"
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		things := schema.GroupVersionResource{Group: c.theirs("shop.example.com"), Version: "v1", Resource: "things"}
		if diff := cmp.Diff([]string{"thing"}, c.names(things, "shop-new")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	},

	"apply reports a kind that the cluster lacks, and applies the rest": func(t *testing.T, c testCluster) {
		c.file("kustomization.yaml", "resources: [all.yaml]\n")
		c.file("all.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: config, namespace: shop}}\n---\n{apiVersion: absent.example.com/v1, kind: Absent, metadata: {name: absent, namespace: shop}}\n")
		out, talk := c.certs(2, "apply", "-k", c.dir)
		want := "note: skipping 1 Absent object (absent.example.com/v1): install its CRD first\nerror: 1 object not applied\n"
		if diff := cmp.Diff(want, talk); diff != "" || out != "configmap/config created\n" {
			t.Errorf("prints\n%s(-want +got):\n%s", out, diff)
		}
	},

	"apply reports a missing namespace": func(t *testing.T, c testCluster) {
		c.file("kustomization.yaml", "resources: [all.yaml]\n")
		c.file("all.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: config, namespace: shop-missing}}\n")
		_, talk := c.certs(2, "apply", "-k", c.dir)
		if want := "error: apply ConfigMap/shop-missing/config: namespaces \"shop-missing\" not found\n"; talk != want {
			t.Errorf("says\n%swant\n%s", talk, want)
		}
	},

	"diff --live shows what apply would change, and nothing afterwards": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", shopSpec)
		out, _ := c.certs(1, "diff", "--live", "--summary", "-f", file)
		if strings.Count(out, "+ added") != 3 {
			t.Errorf("before\n%s", out)
		}
		c.certs(0, "apply", "-f", file)
		if out, talk := c.certs(0, "diff", "--live", "-f", file); out != "" || talk != "no differences\n" {
			t.Errorf("afterwards\n%s%s", out, talk)
		}
		c.patch("helm", kinds["ClusterIssuer"], "", "shop-ca", `{"spec":{"ca":{"secretName":"theirs"}}}`)
		out, talk := c.certs(1, "diff", "--live", "-f", file)
		if !strings.Contains(out, "-    secretName: theirs\n+    secretName: ca\n") ||
			!strings.HasPrefix(talk, "note: ClusterIssuer/shop-ca: conflict with \"helm\" using cert-manager.io/v1: .spec.ca.secretName\n") {
			t.Errorf("a conflict is shown as\n%s%s", out, talk)
		}
	},

	"diff --live --prune shows what would be deleted": func(t *testing.T, c testCluster) {
		file := c.file("certs.yaml", shopSpec)
		c.certs(0, "apply", "-f", file)
		c.file("certs.yaml", shopIssuer+"expose:\n"+shopA)
		c.certs(0, "diff", "--live", "-f", file)
		out, _ := c.certs(1, "diff", "--live", "--prune", "--summary", "-f", file)
		if !strings.HasPrefix(out, "- removed   Ingress/shop/b") {
			t.Errorf("prints\n%s", out)
		}
		for _, format := range []string{"text", "json", "markdown"} {
			out, _ := c.certs(1, "diff", "--live", "--prune", "-o", format, "-f", file)
			for _, field := range []string{"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "status"} {
				if strings.Contains(out, field+":") || strings.Contains(out, field+`"`) {
					t.Errorf("-o %s shows %s:\n%s", format, field, out)
				}
			}
			if !strings.Contains(out, "b.example.com") {
				t.Errorf("-o %s does not show the deleted Ingress:\n%s", format, out)
			}
		}
		out, _ = c.certs(0, "apply", "--prune", "-f", file)
		if !strings.HasSuffix(out, "ingress.networking.k8s.io/b pruned\n") {
			t.Errorf("apply --prune prints\n%s", out)
		}
		c.certs(0, "diff", "--live", "--prune", "-f", file)
	},
}
