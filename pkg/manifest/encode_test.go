package manifest

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/printable"
)

// TestEncodeKeeps: text without unsafe characters is encoded as ever, to the
// byte.
func TestEncodeKeeps(t *testing.T) {
	o := Object{"apiVersion": "v1", "kind": "X", "metadata": map[string]any{"name": "ü"}, "a": "日本\u3000", "b": "\U0001F600", "c": "x\n\ty\n", "d": "\u00a0"}
	want := "a: 日本\u3000\napiVersion: v1\nb: \"\\U0001F600\"\nc: |\n  x\n  \ty\nd: \u00a0\nkind: X\nmetadata:\n  name: ü\n"
	if diff := cmp.Diff(want, string(Encode(o))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzEncode: an object is read as it was written, and its text has no character
// that a terminal obeys or hides.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "plain", "ü 日本 \U0001F600", "\x1b[2J\x07\r\n\t\x7f", "\u009b31m\u0085", "\u202e\u2066\u200f\u061c", "\u200b\u00ad\ufeff\u2028",
		"\U000e0041\u3164", "\xff\xc0", "a\n\u202e\n b", "- \u202e: [x]", "'\u200b\"\\", "#\u2066", "|\n\u2028", "\ta\nb", "\t\n\t"} {
		f.Add(s, "key"+s)
	}
	f.Fuzz(func(t *testing.T, value, key string) {
		if !utf8.ValidString(key) {
			return // no key of YAML or JSON
		}
		want := Object{"apiVersion": "v1", "kind": "X", "metadata": map[string]any{"name": "x" + value, "annotations": map[string]any{key: value}}, "list": []any{value, []any{value + "\n" + value}}}
		text := Encode(want)
		if i := bytes.IndexFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && printable.IsUnsafe(r) }); i >= 0 || !utf8.Valid(text) {
			t.Fatalf("unsafe at %d: %q", i, text)
		}
		got, err := Decode(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff([]Object{want}, got); diff != "" {
			t.Fatalf("(-want +got):\n%s\n%s", diff, text)
		}
	})
}
