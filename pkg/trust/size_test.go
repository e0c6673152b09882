package trust

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

func nodeOf(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

// TestApplied holds the size of an object to that of its JSON.
func TestApplied(t *testing.T) {
	for _, text := range []string{
		"{}",
		"{metadata: {name: a}}",
		"{kind: Secret, metadata: {name: a}, data: {a: b, c: <d>}}",
		"{a: [], b: {}, c: [1, 2.5, true, null, ~, x], d: \"1\"}",
		"a: |\n  one\n  two\nb: {c: {d: [[e], {f: g}]}}",
		"a: &a [x, y]\nb: *a\nc: [*a, *a]",
		configMap("data:\n", value("ca.crt", a+b)),
	} {
		n := nodeOf(t, text)
		var object map[string]any
		if err := n.Decode(&object); err != nil {
			t.Fatal(err)
		}
		delete(object, "metadata")
		if got, want := applied(n), len(must(json.Marshal(object))); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}

// TestAppliedAlias: aliases may stand for more than there is, or for themselves.
func TestAppliedAlias(t *testing.T) {
	laughs := "a0: &a0 [x, x]\n"
	for i := range 100 {
		laughs += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	if got := applied(nodeOf(t, laughs)); got != maxApplied {
		t.Errorf("got %d, want no more than %d", got, maxApplied)
	}
	if got, want := applied(nodeOf(t, "a: &a [*a]")), len(`{"a":[]}`); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

// TestReadManyKeys: reading takes a time that grows with the keys, not with
// their square, of which these took half a minute.
func TestReadManyKeys(t *testing.T) {
	var text strings.Builder
	text.WriteString("apiVersion: v1\nkind: Secret\ndata:\n")
	for i := range 100_000 {
		fmt.Fprintf(&text, "  key-%d: aGVsbG8=\n", i)
	}
	start := time.Now()
	if _, err := Read("many.yaml", []byte(text.String())); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 8*time.Second {
		t.Errorf("took %s", took)
	}
}
