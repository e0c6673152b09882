package diff

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

const stream = `
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: letsencrypt, labels: {a: b, c: d}}
spec: {acme: {server: https://a.example, email: me@example.com}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: x, namespace: ns}
data: {k: v}
`

const shuffled = `
kind: ConfigMap
data: {k: v}
metadata: {namespace: ns, name: x}
apiVersion: v1
---
spec: {acme: {email: me@example.com, server: https://a.example}}
metadata: {labels: {c: d, a: b}, name: letsencrypt}
kind: ClusterIssuer
apiVersion: cert-manager.io/v1
`

func TestObjectsEqual(t *testing.T) {
	for name, new := range map[string]string{"itself": stream, "shuffled": shuffled} {
		changes, err := Objects(decode(t, stream), decode(t, new))
		if err != nil || len(changes) != 0 {
			t.Errorf("%s: got %v, %v, want nothing", name, changes, err)
		}
	}
	a := manifest.Object{"apiVersion": "v1", "kind": "X", "metadata": map[string]any{"name": "x"}, "n": int64(1)}
	b := a.Clone()
	b["n"] = float64(1)
	if changes := between(t, a, b); len(changes) != 0 {
		t.Errorf("1 and 1.0: got %v, want nothing", changes)
	}
}

func TestObjects(t *testing.T) {
	old := decode(t, stream)
	new := decode(t, strings.NewReplacer("cert-manager.io/v1\n", "cert-manager.io/v2\n", "kind: ConfigMap", "kind: Added").Replace(stream))
	got, err := Objects(old, new)
	if err != nil {
		t.Fatal(err)
	}
	want := []Change{
		{ID: manifest.ID{Kind: "Added", Namespace: "ns", Name: "x"}, APIVersion: "v1", Action: Added, Adds: 7,
			Text: "+apiVersion: v1\n+data:\n+  k: v\n+kind: Added\n+metadata:\n+  name: x\n+  namespace: ns\n"},
		{ID: manifest.ID{Group: "cert-manager.io", Kind: "ClusterIssuer", Name: "letsencrypt"},
			APIVersion: "cert-manager.io/v2", Action: Changed, Adds: 1, Dels: 1,
			Text: "@@ -1,4 +1,4 @@\n-apiVersion: cert-manager.io/v1\n+apiVersion: cert-manager.io/v2\n kind: ClusterIssuer\n metadata:\n   labels:\n"},
		{ID: manifest.ID{Kind: "ConfigMap", Namespace: "ns", Name: "x"}, APIVersion: "v1", Action: Removed, Dels: 7,
			Text: "-apiVersion: v1\n-data:\n-  k: v\n-kind: ConfigMap\n-metadata:\n-  name: x\n-  namespace: ns\n"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Change{}, "Fields")); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	wantFields := [][]Field{
		{{Action: Added, New: new[1]}},
		{{Path: "apiVersion", Action: Changed, Old: "cert-manager.io/v1", New: "cert-manager.io/v2"}},
		{{Action: Removed, Old: old[1]}},
	}
	for i, c := range got {
		if diff := cmp.Diff(wantFields[i], c.Fields); diff != "" {
			t.Errorf("fields of %s (-want +got):\n%s", c.ID, diff)
		}
	}
}

func TestObjectsTwice(t *testing.T) {
	objects := decode(t, stream)
	twice := append(objects, objects[1])
	for want, sides := range map[string][2][]manifest.Object{
		"old side: duplicate ConfigMap/ns/x": {twice, objects},
		"new side: duplicate ConfigMap/ns/x": {objects, twice},
	} {
		if _, err := Objects(sides[0], sides[1]); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
	prod := []Overlay{{"prod", twice}}
	want := "prod: new side: duplicate ConfigMap/ns/x"
	if _, err := Overlays(nil, prod); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	want = `new side: duplicate overlay "prod"`
	if _, err := Overlays(nil, append(prod, prod...)); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestOverlays(t *testing.T) {
	base := func() []manifest.Object { return decode(t, stream) }
	edit := func(old, new string) []manifest.Object { return decode(t, strings.Replace(stream, old, new, 1)) }
	old := []Overlay{{"dev", base()}, {"prod", base()}, {"staging", base()}, {"gone", base()[:1]}}
	new := []Overlay{
		{"staging", edit("k: v", "k: w")},
		{"prod", edit("k: v", "k: z")},
		{"dev", edit("k: v", "k: w")},
		{"new", base()[:1]},
	}
	changes, err := Overlays(old, new)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, c.title())
	}
	want := []string{
		"added ClusterIssuer/letsencrypt in new",
		"removed ClusterIssuer/letsencrypt from gone",
		"changed ConfigMap/ns/x in staging, dev",
		"changed ConfigMap/ns/x in prod",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestHunkPath(t *testing.T) {
	yaml := `
apiVersion: v1
kind: X
metadata: {name: x}
spec:
  rules:
  - host: a
    http:
      paths:
      - a: 1
        b: 2
        c: 3
        d: 4
        nested.key/x:
        - e: 5
          f: 6
          g: 7
          h: 8
          i: 9
        zz: 1
        zzz: 1
        zzzz: 1
        zzzzz: 1
  - host: b
    u: 1
    v: 2
    w: 3
    zz: 4
`
	for line, want := range map[string]string{
		"a: 1":    "@@ -7,7 +7,7 @@ spec.rules",
		"d: 4":    "@@ -10,7 +10,7 @@ spec.rules.http.paths",
		"h: 8":    `@@ -15,7 +15,7 @@ spec.rules.http.paths["nested.key/x"]`,
		"zzzz: 1": `@@ -19,7 +19,7 @@ spec.rules.http.paths["nested.key/x"]`,
		"zz: 4":   "@@ -25,4 +25,4 @@ spec.rules",
	} {
		t.Run(line, func(t *testing.T) {
			key, _, _ := strings.Cut(line, ":")
			new := strings.Replace(yaml, line, key+": changed", 1)
			text := one(t, decode(t, yaml)[0], decode(t, new)[0]).Text
			if got, _, _ := strings.Cut(text, "\n"); got != want {
				t.Errorf("got %s, want %s in\n%s", got, want, text)
			}
		})
	}
}

// TestHunkHeaders: a header that does not say where it is in the old text stays
// as it is.
func TestHunkHeaders(t *testing.T) {
	lines := []string{"spec:", "  a:", "  - b: 1", "", "    c: 2", "d: 3"}
	for line, want := range map[string]string{
		"@@ -1,3 +1,3 @@\n": "@@ -1,3 +1,3 @@\n",
		"@@ -2,3 +2,3 @@\n": "@@ -2,3 +2,3 @@ spec\n",
		"@@ -3,3 +3,3 @@\n": "@@ -3,3 +3,3 @@ spec.a\n",
		"@@ -5,1 +5,1 @@\n": "@@ -5,1 +5,1 @@ spec.a\n",
		"@@ -6,1 +6,1 @@\n": "@@ -6,1 +6,1 @@\n",
		"@@ -7,1 +7,1 @@\n": "@@ -7,1 +7,1 @@\n",
		"@@ -0,0 +1,1 @@\n": "@@ -0,0 +1,1 @@\n",
		"@@ -x,0 +1,1 @@\n": "@@ -x,0 +1,1 @@\n",
		"-@@ -2,3\n":        "-@@ -2,3\n",
	} {
		if diff := cmp.Diff(want, withPath(line, lines)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
