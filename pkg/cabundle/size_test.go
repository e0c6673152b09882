package cabundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

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

// TestSizeOfAppliedObject compares the size of an object with that of its JSON.
func TestSizeOfAppliedObject(t *testing.T) {
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

// TestAppliedAlias: aliases may expand without bound, or contain themselves.
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

// BenchmarkReadManyKeys reads a Secret, whose time is to grow with its keys and
// not with their square.
func BenchmarkReadManyKeys(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("apiVersion: v1\nkind: Secret\ndata:\n")
			for i := range n {
				fmt.Fprintf(&text, "  key-%d: aGVsbG8=\n", i)
			}
			for b.Loop() {
				if _, err := Read("many.yaml", []byte(text.String())); err != nil && !errors.Is(err, errNothing) {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/key")
		})
	}
}
