package overlay_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestSetName: the set is a label value, and no two projects or environments have
// the same.
func TestSetName(t *testing.T) {
	long := strings.Repeat("a", 60)
	seen := map[string]bool{}
	for _, tt := range []struct{ name, environment, want string }{
		{"shop", "prod", "shop_prod"},
		{"shop-eu", "prod", "shop-eu_prod"},
		{"shop", "eu-prod", "shop_eu-prod"},
		{long, "12", long + "_12"},
		{long, "123", ""},
		{long, "124", ""},
		{long + "x", "123", ""},
		{strings.Repeat("a.", 100) + "a", "prod", ""},
	} {
		got := overlay.SetName(tt.name, tt.environment)
		if tt.want != "" && got != tt.want {
			t.Errorf("%s and %s: %q, want %q", tt.name, tt.environment, got, tt.want)
		}
		if problems := validation.IsValidLabelValue(got); len(problems) > 0 {
			t.Errorf("%q: %s", got, problems)
		}
		if seen[got] {
			t.Errorf("%q again, for %s and %s", got, tt.name, tt.environment)
		}
		seen[got] = true
	}
	if got := overlay.SetName("", "prod"); got != "" {
		t.Errorf("no name: %q", got)
	}
}

// TestSetOf: the set is that of the kustomization itself, whatever the name of its
// file.
func TestSetOf(t *testing.T) {
	const annotated = "metadata:\n  annotations:\n    kubectl-certs.dev/set: shop_prod\n"
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"a/kustomization.yaml": annotated,
		"b/Kustomization":      "resources: [../a]\n" + annotated,
		"c/kustomization.yml":  "resources: [../a]\n",
		"d/kustomization.yaml": "metadata: {annotations: }\n",
		"e/kustomization.yaml": "metadata: text\n",
		"f/kustomization.yaml": "- a\n",
		"g/other.yaml":         annotated,
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for dir, want := range map[string]string{"a": "shop_prod", "b": "shop_prod", "c": "", "d": "", "e": "", "g": ""} {
		if got, err := overlay.SetOf(fsys, dir); got != want || err != nil {
			t.Errorf("%s: %q, %v", dir, got, err)
		}
	}
	if _, err := overlay.SetOf(fsys, "f"); err == nil || err.Error() != "f/kustomization.yaml: line 1: not a map" {
		t.Errorf("a list: %v", err)
	}
}

// TestEditAnnotates: the annotation with the set joins what else the user has in
// metadata, and follows a new name of the certs.yaml.
func TestEditAnnotates(t *testing.T) {
	k := overlay.Kustomization{Set: "shop_prod"}
	for name, tt := range map[string]struct{ have, want string }{
		"no metadata": {
			"namespace: x # mine\n",
			"namespace: x # mine\nmetadata:\n  annotations:\n    kubectl-certs.dev/set: shop_prod\n",
		},
		"empty metadata": {
			"namespace: x\nmetadata:\n",
			"namespace: x\nmetadata:\n  annotations:\n    kubectl-certs.dev/set: shop_prod\n",
		},
		"a name": {
			"metadata:\n    # mine\n    name: x\nnamespace: x\n",
			"metadata:\n    # mine\n    annotations:\n      kubectl-certs.dev/set: shop_prod\n    name: x\nnamespace: x\n",
		},
		"annotations": {
			"metadata:\n  annotations:\n    a: b # mine\nnamespace: x\n",
			"metadata:\n  annotations:\n    kubectl-certs.dev/set: shop_prod\n    a: b # mine\nnamespace: x\n",
		},
		"on one line": {
			"metadata: {annotations: {a: b}}\n",
			"metadata: {annotations: {kubectl-certs.dev/set: shop_prod, a: b}}\n",
		},
		"an old name": {
			"metadata:\n  annotations:\n    kubectl-certs.dev/set: old_prod\n    a: b # mine\n",
			"metadata:\n  annotations:\n    kubectl-certs.dev/set: shop_prod\n    a: b # mine\n",
		},
		"nothing to do": {
			"metadata: {annotations: {a: b,   kubectl-certs.dev/set: shop_prod}}\n",
			"metadata: {annotations: {a: b,   kubectl-certs.dev/set: shop_prod}}\n",
		},
	} {
		got, err := k.Edit([]byte(tt.have), func(string) bool { return false })
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	for have, want := range map[string]string{
		"metadata: text\n":                "line 1: metadata is not a map",
		"metadata:\n  annotations: [a]\n": "line 2: annotations is not a map",
	} {
		if _, err := k.Edit([]byte(have), func(string) bool { return false }); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", have, err, want)
		}
	}
}
