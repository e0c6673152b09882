package diff

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFields(t *testing.T) {
	changed := func(path string, old, new any) Field { return Field{path, Changed, old, new} }
	added := func(path string, new any) Field { return Field{path, Added, nil, new} }
	removed := func(path string, old any) Field { return Field{path, Removed, old, nil} }
	for name, tt := range map[string]struct {
		old, new string
		want     []Field
	}{
		"leaf":          {"{acme: {server: a}}", "{acme: {server: b}}", []Field{changed("spec.acme.server", "a", "b")}},
		"kinds":         {"{n: 1, b: true, z: null}", "{n: 1.5, b: 'true', z: 0}", []Field{changed("spec.b", true, "true"), changed("spec.n", int64(1), 1.5), changed("spec.z", nil, int64(0))}},
		"null, nothing": {"{a: null}", "{b: null}", []Field{removed("spec.a", nil), added("spec.b", nil)}},
		"quoted keys":   {"{'a.b/c': 1, 'x y': 1, 9: 1}", "{}", []Field{removed(`spec["9"]`, int64(1)), removed(`spec["a.b/c"]`, int64(1)), removed(`spec["x y"]`, int64(1))}},
		"hostile key":   {`{"a\e[2J\"": 1}`, "{}", []Field{removed(`spec["a\x1b[2J\""]`, int64(1))}},
		"subtree":       {"{}", "{tls: [{hosts: [a]}], m: {}}", []Field{added("spec.m", map[string]any{}), added("spec.tls[0].hosts[0]", "a")}},
		"to empty":      {"{l: [1]}", "{l: []}", []Field{removed("spec.l[0]", int64(1))}},
		"kind of value": {"{l: [1]}", "{l: x}", []Field{changed("spec.l", []any{int64(1)}, "x")}},
		"value of kind": {"{l: x}", "{l: [1]}", []Field{changed("spec.l", "x", []any{int64(1)})}},
		"map of a list": {"{l: [1]}", "{l: {a: 1}}", []Field{changed("spec.l", []any{int64(1)}, map[string]any{"a": int64(1)})}},
		"empty list":    {"{}", "{l: []}", []Field{added("spec.l", []any{})}},
		"list gone":     {"{l: []}", "{}", []Field{removed("spec.l", []any{})}},
		"mixed list":    {"{l: [{name: a, v: 1}, b]}", "{l: [{name: x}, {name: a, v: 2}, b]}", []Field{changed("spec.l[0].name", "a", "x"), removed("spec.l[0].v", int64(1)), added("spec.l[1].name", "a"), added("spec.l[1].v", int64(2))}},
		"same length":   {"{l: [a, b]}", "{l: [b, a]}", []Field{changed("spec.l[0]", "a", "b"), changed("spec.l[1]", "b", "a")}},
		"string first":  {"{l: [a, b]}", "{l: [x, a, b]}", []Field{added("spec.l[0]", "x")}},
		"strings":       {"{l: [a, b, c]}", "{l: [d, b]}", []Field{added("spec.l[0]", "d"), removed("spec.l[0]", "a"), removed("spec.l[2]", "c")}},
		"name first":    {"{l: [{name: a, v: 1}]}", "{l: [{name: x}, {name: a, v: 2}]}", []Field{added("spec.l[0].name", "x"), changed("spec.l[1].v", int64(1), int64(2))}},
		"name removed":  {"{l: [{name: x}, {name: a}]}", "{l: [{name: a}]}", []Field{removed("spec.l[0].name", "x")}},
		"by host":       {"{l: [{host: a, v: 1}]}", "{l: [{host: x}, {host: a, v: 1}]}", []Field{added("spec.l[0].host", "x")}},
		"names twice":   {"{l: [{name: a}, {name: a}]}", "{l: [{name: a}]}", []Field{removed("spec.l[1].name", "a")}},
		"common ends":   {"{l: [1, 2, 9]}", "{l: [1, 3, 4, 9]}", []Field{changed("spec.l[1]", int64(2), int64(3)), added("spec.l[2]", int64(4))}},
		"ends, removed": {"{l: [1, 3, 4, 9]}", "{l: [1, 2, 9]}", []Field{changed("spec.l[1]", int64(3), int64(2)), removed("spec.l[2]", int64(4))}},
	} {
		t.Run(name, func(t *testing.T) {
			const head = "apiVersion: v1\nkind: X\nmetadata: {name: x}\nspec: "
			c := one(t, decode(t, head+tt.old)[0], decode(t, head+tt.new)[0])
			if diff := cmp.Diff(tt.want, c.Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

// A key is written as it is where it is a word, and in quotes elsewhere.
func TestPaths(t *testing.T) {
	for key, want := range map[string]string{
		"a": "p.a", "z": "p.z", "A": "p.A", "Z": "p.Z", "_": "p._", "az": "p.az", "a0": "p.a0", "a9": "p.a9", "a-b": "p.a-b", "a-": "p.a-",
		"": `p[""]`, "0": `p["0"]`, "9a": `p["9a"]`, "-a": `p["-a"]`, "a.b": `p["a.b"]`, "a/b": `p["a/b"]`, "a:": `p["a:"]`, "a`": "p[\"a`\"]",
		"a{": `p["a{"]`, "a@": `p["a@"]`, "a[": `p["a["]`, "é": `p["é"]`, "aé": `p["aé"]`, "a b": `p["a b"]`,
	} {
		if got := joinKey("p", key); got != want {
			t.Errorf("%q: %s, want %s", key, got, want)
		}
	}
	if got := joinKey("", "a"); got != "a" {
		t.Errorf("first key: %s", got)
	}
}

// Every leaf of a list is matched once, whatever the lists.
func TestAlignIsComplete(t *testing.T) {
	lists := [][]any{
		{}, {"a"}, {"a", "a"}, {"b", "a", "c"}, {"a", "b", "c", "d"}, {int64(1), "a"},
		{map[string]any{"name": "a"}}, {map[string]any{"name": "b"}, map[string]any{"name": "a"}},
	}
	for _, old := range lists {
		for _, new := range lists {
			seenOld, seenNew := make([]int, len(old)), make([]int, len(new))
			for _, pair := range align(old, new) {
				if pair.old >= 0 {
					seenOld[pair.old]++
				}
				if pair.new >= 0 {
					seenNew[pair.new]++
				}
			}
			for _, n := range append(seenOld, seenNew...) {
				if n != 1 {
					t.Errorf("%v, %v: matched %v and %v times", old, new, seenOld, seenNew)
				}
			}
		}
	}
}
