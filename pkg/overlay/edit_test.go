package overlay_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

func TestEdit(t *testing.T) {
	want := overlay.Kustomization{
		Resources: []string{"../../base/apps", "new.yaml"},
		Patches:   []string{"p.yaml", "q.yaml"},
	}
	for name, c := range map[string]struct{ have, want string }{
		"empty": {"", "resources:\n- ../../base/apps\n- new.yaml\npatches:\n- path: p.yaml\n- path: q.yaml\n"},
		"comments, blank lines and indentation stay": {
			"# top\nkind: Kustomization\n\nresources:   # mine\n    # one\n    - a.yaml   # a\n\n    - old.yaml\n    - b.yaml\n\nimages: [{name: x}]\n# end\n",
			"# top\nkind: Kustomization\n\nresources:   # mine\n    # one\n    - a.yaml   # a\n\n    - b.yaml\n    - ../../base/apps\n    - new.yaml\n\nimages: [{name: x}]\n# end\npatches:\n- path: p.yaml\n- path: q.yaml\n",
		},
		"nothing to do": {
			"resources: [ ./../../base/apps/,   new.yaml ]\npatches:\n  - {path: p.yaml}\n  - path: ./q.yaml\n",
			"resources: [ ./../../base/apps/,   new.yaml ]\npatches:\n  - {path: p.yaml}\n  - path: ./q.yaml\n",
		},
		"line ends of Windows": {
			"resources:\r\n- ../../base/apps\r\n- new.yaml\r\n# mine\r\n",
			"resources:\r\n- ../../base/apps\r\n- new.yaml\r\n# mine\r\npatches:\r\n- path: p.yaml\r\n- path: q.yaml\r\n",
		},
		"no line end at the end": {
			"resources:\n- new.yaml",
			"resources:\n- new.yaml\n- ../../base/apps\npatches:\n- path: p.yaml\n- path: q.yaml\n",
		},
		"patches of others in blocks of text": {
			"resources:\n- ../../base/apps\n- new.yaml\npatches:\n# mine\n- target: {kind: X}\n  patch: |-\n    - op: add\n\n      path: /x\n\n# after\nnamespace: x\n",
			"resources:\n- ../../base/apps\n- new.yaml\npatches:\n# mine\n- path: p.yaml\n- path: q.yaml\n- target: {kind: X}\n  patch: |-\n    - op: add\n\n      path: /x\n\n# after\nnamespace: x\n",
		},
		"keys without a list": {
			"resources:\n# one\npatches: # two\n# three\nnamespace: x\n",
			"resources:\n- ../../base/apps\n- new.yaml\n# one\npatches: # two\n- path: p.yaml\n- path: q.yaml\n# three\nnamespace: x\n",
		},
		"nulls that are left out": {
			"{namespace, resources: [ ../../base/apps,   new.yaml ], patches: [{path: p.yaml}]}\n",
			"{namespace: null, resources: [../../base/apps, new.yaml], patches: [{path: q.yaml}, {path: p.yaml}]}\n",
		},
		"a stale entry alone": {
			"resources:\n- ../../base/apps\n\n- old.yaml # gone\n- new.yaml\npatches:\n- path: p.yaml\n- path: q.yaml\n",
			"resources:\n- ../../base/apps\n\n- new.yaml\npatches:\n- path: p.yaml\n- path: q.yaml\n",
		},
		"a key without a list, and blank lines": {
			"namespace:   x\n\nresources:\n\npatches:\n- path: p.yaml\n- path: q.yaml\n",
			"namespace:   x\n\nresources:\n- ../../base/apps\n- new.yaml\n\npatches:\n- path: p.yaml\n- path: q.yaml\n",
		},
		"the user's patches of our files": {
			"resources:\n- ../../base/apps\n- new.yaml\npatches:\n- path: p.yaml\n  target: {kind: X}\n- path: q.yaml\n",
			"resources:\n- ../../base/apps\n- new.yaml\npatches:\n- path: p.yaml\n- path: p.yaml\n  target: {kind: X}\n- path: q.yaml\n",
		},
		"a resource written as a patch": {
			"resources:\n- ../../base/apps\n- path: new.yaml\npatches:\n- path: p.yaml\n- path: q.yaml\n",
			"resources:\n- new.yaml\n- ../../base/apps\n- path: new.yaml\npatches:\n- path: p.yaml\n- path: q.yaml\n",
		},
		"nulls and empty texts that are written out": {
			"{namespace: ~, namePrefix: '', a: null, b: [~, ''], resources: [../../base/apps, new.yaml], patches: [{path: p.yaml}]}\n",
			"{namespace: ~, namePrefix: '', a: null, b: [~, ''], resources: [../../base/apps, new.yaml], patches: [{path: q.yaml}, {path: p.yaml}]}\n",
		},
		"a list in one line": {
			"resources: [a.yaml] # mine\nnamespace: x\npatches: [{path: p.yaml}, {path: q.yaml}]\n",
			"resources: [a.yaml, ../../base/apps, new.yaml] # mine\nnamespace: x\npatches: [{path: p.yaml}, {path: q.yaml}]\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := want.Edit([]byte(c.have), func(entry string) bool { return entry == "old.yaml" })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again, err := want.Edit(got, func(string) bool { return false })
			if err != nil || !bytes.Equal(again, got) {
				t.Errorf("a second edit changes it: %v\n%s", err, again)
			}
		})
	}
}

// TestEditDrops: of what is stale nothing stays but what has no path, and a list
// of nothing else goes.
func TestEditDrops(t *testing.T) {
	for name, tt := range map[string]struct {
		want overlay.Kustomization
		have string
		then string
	}{
		"some":       {overlay.Kustomization{Resources: []string{"a"}}, "resources:\n- a\n- b\n- c\n", "resources:\n- a\n"},
		"all":        {overlay.Kustomization{}, "namespace: x\nresources:\n- b\n", "namespace: x\n"},
		"an inline":  {overlay.Kustomization{}, "patches:\n- patch: x\n- path: p\n", "patches:\n- patch: x\n"},
		"none there": {overlay.Kustomization{}, "namespace: x\n", "namespace: x\n"},
		"an empty":   {overlay.Kustomization{}, "resources: []\n", "resources: []\n"},
		"a patch":    {overlay.Kustomization{Patches: []string{"p"}}, "patches:\n- path: p\n- path: q\n  target:\n    kind: X\nnamespace: x\n", "patches:\n- path: p\nnamespace: x\n"},
	} {
		got, err := tt.want.Edit([]byte(tt.have), func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.then, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEditRefuses(t *testing.T) {
	want := overlay.Kustomization{Resources: []string{"a.yaml"}}
	for have, rule := range map[string]string{
		"resources: a.yaml\n":                "line 1: resources is not a list",
		"resources: []\nresources: []\n":     "line 2: duplicate key resources",
		"- a\n":                              "line 1: not a map",
		"? {a: b}\n: c\n":                    "line 1: a key must be plain text",
		"'': 1\n":                            "line 1: a key must be plain text",
		"a: 1\n---\nb: 2\n":                  "more than one document",
		"resources: [\n":                     "line 1: did not find expected node content",
		"x: &x [a]\nresources: *x\n":         "line 2: resources is an alias; replace it with the list",
		"resources:\n- {a: b}\n- [c\nkind: ": "line 2: did not find expected ',' or ']'",
	} {
		_, err := want.Edit([]byte(have), func(string) bool { return false })
		if err == nil || err.Error() != rule {
			t.Errorf("%q: got %v, want %s", have, err, rule)
		}
	}
}

// FuzzEdit: an edited kustomization has every entry wanted and none that is
// stale, everything else as it was, every comment, and needs no second edit.
func FuzzEdit(f *testing.F) {
	for _, seed := range []string{
		"", "resources:\n- a.yaml # x\n", "# c\nresources: [old.yaml, b]\npatches:\n- path: x\n  target: {kind: K}\n",
		"resources:\n  - old.yaml\n\n  # keep\n  - b\nnamePrefix: x-\n", "patches:\n- patch: |\n    a: b\n", "{}", "resources: null\n", "resources:\n", "a: &a [x]\nresources:\n- *a\n",
		"resources:\n- |\n  a\n- b\r\n", "? resources\n: - a\n", "resources:\n- - nested\n",
	} {
		f.Add([]byte(seed))
	}
	want := overlay.Kustomization{Resources: []string{"../../base/apps", "new.yaml"}, Patches: []string{"p.yaml"}}
	f.Fuzz(func(t *testing.T, data []byte) {
		var readable map[string]any
		if yaml.Unmarshal(data, &readable) != nil {
			return // nor would kustomize read it
		}
		stale := func(entry string) bool { return entry == "old.yaml" }
		got, err := want.Edit(data, stale)
		if err != nil {
			return
		}
		for _, path := range []string{"../../base/apps", "new.yaml", "p.yaml"} {
			if !lists(got, path) {
				t.Errorf("%s is missing from\n%s", path, got)
			}
		}
		if lists(got, "old.yaml") {
			t.Errorf("the stale entry is still there:\n%s", got)
		}
		if again, err := want.Edit(got, stale); err != nil || !bytes.Equal(again, got) {
			t.Errorf("a second edit differs: %v\n%q\n%q", err, got, again)
		}
		if diff := cmp.Diff(others(data), others(got)); diff != "" {
			t.Errorf("something else changed:\n%s", diff)
		}
		for line := range strings.Lines(string(data)) {
			if comment := strings.TrimSpace(line); strings.HasPrefix(comment, "# ") && bytes.Count(got, []byte(comment)) < 1 {
				t.Errorf("comment %q is lost in\n%s", comment, got)
			}
		}
	})
}

// others are the fields that Edit has no business with.
func others(data []byte) map[string]any {
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil || len(node.Content) == 0 {
		return map[string]any{}
	}
	value, err := manifest.Value(&node)
	o, ok := value.(map[string]any)
	if err != nil || !ok {
		return map[string]any{}
	}
	for _, key := range []string{"resources", "configurations", "patches"} {
		delete(o, key)
	}
	return o
}

// lists reports whether the lists of a kustomization name a path.
func lists(data []byte, path string) bool {
	var k struct{ Resources, Configurations, Patches []any }
	if yaml.Unmarshal(data, &k) != nil {
		return false
	}
	for _, p := range k.Patches {
		if p, ok := p.(map[string]any); ok {
			k.Resources = append(k.Resources, p["path"])
		}
	}
	return slices.ContainsFunc(append(k.Resources, k.Configurations...), func(v any) bool { return v == path })
}
