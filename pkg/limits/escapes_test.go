package limits

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEscapes: JSON says the same to the parser of YAML as to one of JSON.
func TestEscapes(t *testing.T) {
	for _, text := range []string{
		`{"a": "\ud83d\ude00"}`,
		`{"a": "x\uD83D\uDE00y", "\ud83d\ude00": ["\ud83d\ude00\ud83d\ude00"]}`,
		`{"a": "\\ud83d\\ude00"}`,
		`{"a": "\\\ud83d\ude00"}`,
		`{"a": "\u0041\ud83d\ude00\u00e4\n\/"}`,
	} {
		var want, got any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		for doc, err := range New(nil).Documents([]byte(text)) {
			if err == nil {
				err = doc.Decode(&got)
			}
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-json +yaml):\n%s", text, diff)
		}
	}
	for _, text := range []string{"a: '\\ud83d\\ude00'\n", "a: |\n  \\ud83d\\ude00\n", `"\ud83d`, "{}\n\\ud83d\\ude00"} {
		if got := string(withYAMLEscapes([]byte(text))); got != text {
			t.Errorf("%q has become %q", text, got)
		}
	}
}
