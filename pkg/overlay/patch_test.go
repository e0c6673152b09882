package overlay_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestDescribePatch names the fields that a patch changes.
func TestDescribePatch(t *testing.T) {
	const head = "{apiVersion: v1, kind: A, metadata: {name: x"
	for patch, want := range map[string]string{
		head + "}, $patch: delete}":                                            "removed",
		head + "}, $patch: other, spec: {a: 1}}":                               "a",
		head + "}, spec: {b: {c: 1, a: [1]}, a: null}}":                        "a, b.a, b.c",
		head + "}, spec: {a: {}, b: text}}":                                    "a, b",
		head + "}, spec: {$patch: replace, b: 1, a: {$patch: replace, c: 1}}}": "a.c, b",
		head + "}, data: {k: v}, spec: {a: 1}}":                                "a, data.k",
		head + ", labels: {a: b}}, spec: {z: 1}}":                              "labels, z",
		head + ", annotations: {a: b}, labels: {a: b}}}":                       "annotations, labels",
		head + "}}": "",
	} {
		if diff := cmp.Diff(want, overlay.DescribePatch(decoded(t, patch)[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", patch, diff)
		}
	}
}

// TestMapPatch: a patch has what differs and no more, and leads from one map to
// the other.
func TestMapPatch(t *testing.T) {
	for name, tt := range map[string]struct{ from, to, want map[string]any }{
		"nothing":           {map[string]any{"a": "b"}, map[string]any{"a": "b"}, map[string]any{}},
		"a text":            {map[string]any{"a": "b", "c": "d"}, map[string]any{"a": "x", "c": "d"}, map[string]any{"a": "x"}},
		"one more":          {map[string]any{}, map[string]any{"a": "x"}, map[string]any{"a": "x"}},
		"one less":          {map[string]any{"a": "b", "c": "d"}, map[string]any{"c": "d"}, map[string]any{"a": nil}},
		"within":            {map[string]any{"m": map[string]any{"a": "b", "c": "d"}}, map[string]any{"m": map[string]any{"a": "x", "c": "d"}}, map[string]any{"m": map[string]any{"a": "x"}}},
		"a text to a map":   {map[string]any{"m": "x"}, map[string]any{"m": map[string]any{"a": "x"}}, map[string]any{"m": map[string]any{"a": "x"}}},
		"a map to a text":   {map[string]any{"m": map[string]any{"a": "x"}}, map[string]any{"m": "x"}, map[string]any{"m": "x"}},
		"a list as a whole": {map[string]any{"l": []any{"a", "b"}}, map[string]any{"l": []any{"a", "c"}}, map[string]any{"l": []any{"a", "c"}}},
		"a new map":         {map[string]any{}, map[string]any{"m": map[string]any{"a": "x"}}, map[string]any{"m": map[string]any{"a": "x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			patch := overlay.MapPatch(tt.from, tt.to)
			if diff := cmp.Diff(tt.want, patch); diff != "" {
				t.Errorf("patch (-want +got):\n%s", diff)
			}
			before := manifest.Object(tt.from).Clone()
			if diff := cmp.Diff(tt.to, overlay.ApplyPatch(tt.from, patch)); diff != "" {
				t.Errorf("applied (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]any(before), tt.from); diff != "" {
				t.Errorf("the old one was changed (-was +is):\n%s", diff)
			}
		})
	}
}

// TestApplyPatch has what a patch says besides values.
func TestApplyPatch(t *testing.T) {
	for name, tt := range map[string]struct{ patch, want map[string]any }{
		"in place of all":      {map[string]any{"m": map[string]any{"$patch": "replace", "x": "y"}}, map[string]any{"m": map[string]any{"x": "y"}, "t": "u"}},
		"into what is there":   {map[string]any{"m": map[string]any{"x": "y"}}, map[string]any{"m": map[string]any{"a": "b", "x": "y"}, "t": "u"}},
		"of nothing":           {map[string]any{"n": map[string]any{"x": "y", "z": nil}}, map[string]any{"m": map[string]any{"a": "b"}, "t": "u", "n": map[string]any{"x": "y"}}},
		"a map in place of it": {map[string]any{"t": map[string]any{"x": "y"}}, map[string]any{"m": map[string]any{"a": "b"}, "t": map[string]any{"x": "y"}}},
		"removed":              {map[string]any{"m": nil, "none": nil}, map[string]any{"t": "u"}},
	} {
		got := overlay.ApplyPatch(map[string]any{"m": map[string]any{"a": "b"}, "t": "u"}, tt.patch)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
