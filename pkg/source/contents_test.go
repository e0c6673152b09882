package source

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/hint"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest/position"
)

// TestContents: names lead to files, folders and stdin as with kubectl, and
// documents are separated by kind.
func TestContents(t *testing.T) {
	const rotation = "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Rotation\n"
	inFolder(t, map[string]string{
		"certs.yaml": certs, "a.yaml": configMap("a"), "empty.yaml": "# nothing\n", "notes.yaml": "a: b\n", "broken.yaml": "a: [\n",
		"shop/b.yml":               configMap("b"),
		"shop/c.json":              `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}`,
		"shop/README.md":           "not YAML: [",
		"shop/.hidden.yaml":        "not YAML: [",
		"shop/.git/config.yaml":    "not YAML: [",
		"shop/below/d.yaml":        configMap("d"),
		"shop/below/certs.yaml":    "# of the shop\n" + certs,
		"deep/deeper/e.yaml":       configMap("e"),
		"built/kustomization.yaml": "resources: [e.yaml]\n",
		"mixed.yaml":               "# first\n" + configMap("x") + "---\n" + certs + "name: kept\n---\n" + configMap("y") + "data: {k: v}\n",
		"inline.yaml":              "--- {apiVersion: kubectl-certs.dev/v1alpha1, kind: Certs}\n--- {apiVersion: v1, kind: ConfigMap, metadata: {name: z}}\n",
		"ours.yaml":                certs + "---\n" + rotation,
		"flow.json":                `{"kind": "Certs", "apiVersion": "kubectl-certs.dev/v1alpha1"}`,
		"newer.yaml":               "apiVersion: kubectl-certs.dev/v2\nkind: Certs\n",
		"kind.yaml":                "---\napiVersion: kubectl-certs.dev/v1alpha1\nmetadata: {name: x}\nkind: Rotatoin\n",
		"secret.yaml":              "apiVersion: kubectl-certs.dev/v1alpha1\nkind: Secret\n---\nkind: Certs\napiVersion: kubectl-certs.dev\n",
		"keyed.yaml":               "apiVersion: kubectl-certs.dev/v2\n",
		"typo.yaml":                "apiVersion: kubectl-cert.dev/v1\nkind: Certs\n",
		"generated.yaml":           "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: g-}\n",
	})
	for _, test := range []struct {
		names     []string
		recursive bool
		stdin     string
		want      []string // documents, and the objects of manifests
		err       string
	}{
		{names: []string{"certs.yaml"}, want: []string{"Certs certs.yaml:2"}},
		{names: []string{"-"}, stdin: certs, want: []string{"Certs stdin:2"}},
		{names: []string{"a.yaml", "certs.yaml"}, want: []string{"Certs certs.yaml:2", "a.yaml: a"}},
		{names: []string{"certs.yaml", "-"}, stdin: configMap("s"), want: []string{"Certs certs.yaml:2", "stdin: s"}},
		{names: []string{"-", "a.yaml", "-"}, err: "stdin can be used only once"},
		{names: []string{"shop"}, want: []string{"shop/b.yml: b", "shop/c.json: c"}},
		{names: []string{"./shop/"}, recursive: true, want: []string{"Certs shop/below/certs.yaml:3", "shop/b.yml: b", "shop/below/d.yaml: d", "shop/c.json: c"}},
		{names: []string{"deep"}, err: "deep: no *.yaml, *.yml or *.json files"},
		{names: []string{"deep"}, recursive: true, want: []string{"deep/deeper/e.yaml: e"}},
		{names: []string{"built"}, err: "built/kustomization.yaml: -f does not build kustomizations"},
		{names: []string{"built/kustomization.yaml"}, err: "built/kustomization.yaml: -f does not build kustomizations"},
		{names: []string{"nowhere.yaml", "gone"}, err: "nowhere.yaml: no such file or folder\ngone: no such file or folder"},
		{names: []string{"mixed.yaml"}, want: []string{"Certs mixed.yaml:7", "mixed.yaml: x y"}},
		{names: []string{"inline.yaml"}, want: []string{"Certs inline.yaml:1", "inline.yaml: z"}},
		{names: []string{"ours.yaml"}, want: []string{"Certs ours.yaml:2", "Rotation ours.yaml:5"}},
		{names: []string{"flow.json", "a.yaml"}, want: []string{"Certs flow.json:1", "a.yaml: a"}},
		{names: []string{"generated.yaml"}, want: []string{"generated.yaml: "}},

		// A document of unknown kind is left to our parser if nothing else is named.
		{names: []string{"empty.yaml"}, want: []string{" empty.yaml:1"}},
		{names: []string{"notes.yaml"}, want: []string{" notes.yaml:1"}},
		{names: []string{"broken.yaml", "certs.yaml"}, want: []string{" broken.yaml:1", "Certs certs.yaml:2"}},
		{names: []string{"keyed.yaml", "a.yaml"}, want: []string{" keyed.yaml:1", "a.yaml: a"}},
		{names: []string{"typo.yaml", "a.yaml"}, want: []string{" typo.yaml:1", "a.yaml: a"}},
		{names: []string{"empty.yaml", "a.yaml"}, want: []string{"a.yaml: a"}},
		{names: []string{"notes.yaml", "a.yaml"}, want: []string{"a.yaml: a"},
			err: "notes.yaml: line 1: not a Kubernetes object: apiVersion, kind and metadata.name are needed"},

		// Our group has one version and two kinds.
		{names: []string{"newer.yaml", "a.yaml"}, want: []string{"a.yaml: a"}, err: "newer.yaml:1: apiVersion: must be kubectl-certs.dev/v1alpha1"},
		{names: []string{"kind.yaml"}, err: "kind.yaml:4: kind: \"Rotatoin\" must be Certs or Rotation; did you mean Rotation?"},
		{names: []string{"secret.yaml"}, err: "secret.yaml:2: kind: \"Secret\" must be Certs or Rotation\nsecret.yaml:5: apiVersion: must be kubectl-certs.dev/v1alpha1"},
	} {
		r := &Reader{In: strings.NewReader(test.stdin)}
		c, err := r.Contents(t.Context(), test.names, test.recursive)
		if got := withHints(err); got != test.err {
			t.Errorf("%q: error\n%s\nwant\n%s", test.names, got, test.err)
		}
		var got []string
		for _, d := range c.Own {
			got = append(got, fmt.Sprintf("%s %s:%d", d.Kind, d.Name, d.Line))
		}
		for _, d := range c.Manifests {
			if len(d.Objects) > 0 {
				got = append(got, d.Source+": "+strings.Join(names(d.Objects), " "))
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.names, diff)
		}
	}
}

func withHints(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	if h, ok := hint.Of(err); ok {
		text += " (" + h + ")"
	}
	return text
}

// TestMixedLines: lines of what is read are those of the file, whatever stands
// around it, and nothing of a document is lost.
func TestMixedLines(t *testing.T) {
	const text = "# head\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  block: |+\n    a\n\n--- # ours\n" +
		certs + "last: |+\n  b\n\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}"
	var c Contents
	if err := c.add(nil, Item{Name: "f", Data: []byte(text)}, true); err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("\n", 8) + "--- # ours\n" + certs + "last: |+\n  b\n\n"
	if diff := cmp.Diff(want, string(c.Own[0].Data)); diff != "" {
		t.Errorf("ours (-want +got):\n%s", diff)
	}
	objects := c.Manifests[0].Objects
	if got := objects[0].Map("data")["block"]; got != "a\n\n" {
		t.Errorf("the block is %q", got)
	}
	lines := position.Read(c.Manifests[0].Data)
	if got := lines.Of(objects[1].ID(), ""); got != 16 {
		t.Errorf("the second object is on line %d", got)
	}
}

// TestOneDocumentOfAKind: one document of a kind is found, and two of it or one of another are
// an error that names them.
func TestOneDocumentOfAKind(t *testing.T) {
	own := func(kind, name string) Own { return Own{Item{Name: name}, kind, 2} }
	for _, test := range []struct {
		own       []Own
		want, err string
	}{
		{nil, "", ""},
		{[]Own{own("Certs", "a")}, "a", ""},
		{[]Own{own("Certs", "a"), own("Certs", "b")}, "", "a:2 and b:2 are both of kind Certs, and only one is allowed"},
		{[]Own{own("Certs", "a"), own("Rotation", "b")}, "", "b:2: unexpected kind Rotation; must be Certs"},
		{[]Own{own("Certs", "a"), own("", "b")}, "b", ""},
	} {
		found, err := Contents{Own: test.own}.One("Certs")
		got := ""
		if found != nil {
			got = found.Name
		}
		if got != test.want || withHints(err) != test.err {
			t.Errorf("%v: %q, %v", test.own, got, err)
		}
	}
}

// TestFilesLinks: a link out of a folder is refused, a named one is read, and other
// files are skipped.
func TestFilesLinks(t *testing.T) {
	inFolder(t, map[string]string{"outside.yaml": configMap("o"), "in/a.yaml": configMap("a"), "in/dir.yaml/x.txt": ""})
	r := &Reader{}
	if items, err := r.Files(t.Context(), []string{"in"}, true); err != nil || len(items) != 1 {
		t.Errorf("%d files, %v", len(items), err)
	}
	if err := os.Symlink("../outside.yaml", "in/link.yaml"); err != nil {
		t.Fatal(err)
	}
	if items, err := r.Files(t.Context(), []string{"in/link.yaml"}, false); err != nil || len(items) != 1 {
		t.Errorf("a link that is named: %d files, %v", len(items), err)
	}
	if _, err := r.Files(t.Context(), []string{"in"}, false); err == nil || !strings.Contains(err.Error(), "in/link.yaml is a link to ") {
		t.Errorf("a link out of a folder: %v", err)
	}
}
