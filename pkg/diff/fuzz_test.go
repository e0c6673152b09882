package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

func addSeeds(f *testing.F, add func(string)) {
	cert := certPEM(f, "a", "b")
	for _, s := range []string{
		stream, shuffled, leaky,
		"apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {ca: " + b64(cert) + ", k: " + b64(keyPEM(f)) + "}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  ca: |\n" + indented(cert, "    ") + "  t: |\n    a:\n" + indented(cert, "      "),
		"apiVersion: v1\nkind: X\nmetadata: {name: x}\nspec: {n: .nan, f: 1.50, i: 99999999999999999999, t: 2020-01-01, b: !!binary AP8=, l: [a, a, {name: b}, null]}\n",
	} {
		add(s)
	}
}

// A stream does not differ from itself, with its documents and keys in any
// order.
func FuzzDiffSelf(f *testing.F) {
	addSeeds(f, func(s string) { f.Add(s, uint64(1)) })
	f.Fuzz(func(t *testing.T, yaml string, seed uint64) {
		objects, err := manifest.Decode([]byte(yaml))
		if err != nil {
			t.Skip()
		}
		if _, err := index(objects); err != nil {
			t.Skip()
		}
		random := rand.New(rand.NewPCG(seed, seed))
		again, _ := manifest.Decode([]byte(yaml))
		random.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		wantNone(t, objects, again)
		var shuffled bytes.Buffer
		for _, o := range again {
			fmt.Fprintf(&shuffled, "---\n%s\n", shuffle(map[string]any(o), random))
		}
		if again, err = manifest.Decode(shuffled.Bytes()); err == nil { // a key may be too long for the flow style
			wantNone(t, objects, again)
		}
		// What is equal is shown the same, also where it is not skipped.
		for _, o := range objects {
			if a, b := maskedPair(o, o.Clone()); string(manifest.Encode(a)) != string(manifest.Encode(b)) {
				t.Errorf("shown differently:\n%s\n%s", manifest.Encode(a), manifest.Encode(b))
			}
		}
	})
}

func wantNone(t *testing.T, old, new []manifest.Object) {
	t.Helper()
	changes, err := Objects(old, new)
	if err != nil || len(changes) != 0 {
		t.Fatalf("got %v, %v, want nothing", changes, err)
	}
}

// shuffle writes a value in YAML's flow style with its keys in random order.
func shuffle(v any, random *rand.Rand) string {
	var s strings.Builder
	switch v := v.(type) {
	case map[string]any:
		keys := unionKeys(v, nil)
		random.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		for _, k := range keys {
			fmt.Fprintf(&s, "%s: %s, ", shuffle(k, random), shuffle(v[k], random))
		}
		return "{" + s.String() + "}"
	case []any:
		for _, e := range v {
			s.WriteString(shuffle(e, random) + ", ")
		}
		return "[" + s.String() + "]"
	case string:
		if !utf8.ValidString(v) {
			return "!!binary " + b64(v)
		}
		for _, r := range v {
			fmt.Fprintf(&s, `\U%08x`, r)
		}
		return `"` + s.String() + `"`
	}
	return strings.TrimSpace(strings.TrimPrefix(string(manifest.Encode(manifest.Object{"v": v})), "v: "))
}

// The outputs of any two streams are clean, and JSON is JSON.
func FuzzOutput(f *testing.F) {
	addSeeds(f, func(s string) { f.Add(stream, s) })
	f.Fuzz(func(t *testing.T, a, b string) {
		old, err := manifest.Decode([]byte(a))
		if err != nil {
			t.Skip()
		}
		new, err := manifest.Decode([]byte(b))
		if err != nil {
			t.Skip()
		}
		changes, err := Objects(old, new)
		if err != nil {
			t.Skip()
		}
		if back, err := Objects(new, old); err != nil || len(back) != len(changes) {
			t.Fatalf("%d changes there, %d back, %v", len(changes), len(back), err)
		}
		for _, c := range changes {
			if c.Text == "" || len(c.Fields) == 0 || c.Adds+c.Dels == 0 {
				t.Fatalf("a change that does not show: %+v", c)
			}
		}
		var text, js bytes.Buffer
		if err := Text(&text, changes, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if err := writeJSON(&js, changes); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(js.Bytes()) {
			t.Fatalf("not JSON:\n%s", js.String())
		}
		for _, r := range text.String() + js.String() {
			if printable.IsUnsafe(r) && r != '\n' && r != '\t' {
				t.Fatalf("%U is in the output:\n%q", r, text.String())
			}
		}
	})
}
