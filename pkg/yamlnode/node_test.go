package yamlnode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

func TestPairs(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"own":                       {"{a: 1, b: 2}", "a=1 b=2"},
		"a repeated key":            {"{a: 1, a: 2}", "a=1 a=2"},
		"merged last":               {"{x: &x {a: 1}, <<: *x, b: 2}", "x= b=2 a=1"},
		"own hides merged":          {"{x: &x {a: 1, c: 3}, <<: *x, a: 2}", "x= a=2 c=3"},
		"the first of a list":       {"{x: &x {a: 1}, y: &y {a: 2, b: 3}, <<: [*x, *y]}", "x= y= a=1 b=3"},
		"merged through another":    {"{x: &x {a: 1}, y: &y {b: 2, <<: *x}, <<: *y}", "x= y= b=2 a=1"},
		"what cannot be merged":     {"{<<: [1, {a: 1}, [{b: 2}]]}", "a=1"},
		"text is not mergeable":     {"{<<: x, a: 1}", "a=1"},
		"merges itself":             {"&x {a: 1, <<: *x}", "a=1"},
		"not a mapping, a list":     {"[a]", ""},
		"not a mapping, some value": {"a", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range Pairs(parse(t, tt.text)) {
				got = append(got, fmt.Sprintf("%s=%s", p.Key.Value, Resolve(p.Value).Value))
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestGetFollowsAliasesAndMerges(t *testing.T) {
	n := parse(t, "x: &x\n  a: &a deep\nb: *a\n<<: *x\n*a : named\n")
	for key, want := range map[string]struct {
		value string
		line  int
	}{"a": {"deep", 2}, "b": {"deep", 3}, "deep": {"named", 2}, "none": {}, "<<": {}} {
		value, at := Get(n, key)
		switch {
		case want.value == "" && (value != nil || at != nil):
			t.Errorf("%s is found", key)
		case want.value != "" && (value == nil || value.Value != want.value || at.Line != want.line):
			t.Errorf("%s is %v on line %v, want %v", key, value, at, want)
		}
	}
}

func TestIndexFindsOwnKeysOnly(t *testing.T) {
	n := parse(t, "x: &x {a: 1}\n<<: *x\nb: 2\n")
	for key, want := range map[string]int{"x": 0, "b": 4, "a": -1} {
		if got := Index(n, key); got != want {
			t.Errorf("index of %s is %d, want %d", key, got, want)
		}
	}
	if got := Index(parse(t, "[b, b]"), "b"); got != -1 {
		t.Errorf("a list has a key: %d", got)
	}
	if got := Own(n, "b"); got == nil || got.Value != "2" {
		t.Errorf("b is %v", got)
	}
	if got := Own(n, "a"); got != nil {
		t.Errorf("a is %v", got)
	}
}

func TestIsMergeable(t *testing.T) {
	for text, want := range map[string]bool{"{}": true, "[]": true, "[{}, &a {}, *a]": true, "[1]": false, "[[{}]]": false, "text": false, "~": false} {
		if got := IsMergeable(parse(t, text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestIsNull(t *testing.T) {
	for text, want := range map[string]bool{"~": true, "null": true, "{a: }": false, "'null'": false, "x": false, "[]": false} {
		if got := IsNull(parse(t, text)); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func TestPutReplacesOrAddsAKey(t *testing.T) {
	n := parse(t, "x: &x {a: 1}\n<<: *x\nb: 2\n")
	Put(n, "b", &yaml.Node{Kind: yaml.ScalarNode, Value: "3"})
	Put(n, "a", &yaml.Node{Kind: yaml.ScalarNode, Value: "4", Line: 9})
	text, err := yaml.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("x: &x {a: 1}\n!!merge <<: *x\nb: 3\na: 4\n", string(text)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if key := n.Content[Index(n, "a")]; key.Line != 9 {
		t.Errorf("the new key is on line %d", key.Line)
	}
}

func TestAt(t *testing.T) {
	root := parse(t, "a: &a {b: {c: d}, s: text, l: [x]}\ne: *a\n")
	for path, want := range map[string]string{"a b c": "d", "e b c": "d", "a s": "text", "a x": "", "a s x": "", "a l x": "", "x y": ""} {
		got := ""
		if n := At(root, strings.Fields(path)...); n != nil {
			got = n.Value
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
