package printable

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"plain \"text\" \\ 'x'":        "plain \"text\" \\ 'x'",
		"ü 日本 \U0001F600 é e\u0301 ❤️": "ü 日本 \U0001F600 é e\u0301 ❤️",
		"a\nb\tc\rd":                   `a\nb\tc\rd`,
		"\x1b[31m \x07 \x00 \x7f":      `\u001b[31m \u0007 \u0000 \u007f`,
		"\u0085 \u009b31m":             `\u0085 \u009b31m`,
		"\u202a\u202b\u202c\u202d":     `\u202a\u202b\u202c\u202d`,
		"\u202e\u2066\u2067\u2068":     `\u202e\u2066\u2067\u2068`,
		"\u2069\u200e\u200f\u061c":     `\u2069\u200e\u200f\u061c`,
		"\u200b\u200c\u200d\u2060":     `\u200b\u200c\u200d\u2060`,
		"\u00ad\ufeff\u2028\u2029":     `\u00ad\ufeff\u2028\u2029`,
		"\U000e0041\U000e007f":         `\udb40\udc41\udb40\udc7f`,
		"\u3164\u115f\u034f\ufff0":     `\u3164\u115f\u034f\ufff0`,
		"\u00a0\u3000":                 `\u00a0\u3000`,
		"\xff\xc0a\xe2\x80":            `\xff\xc0a\xe2\x80`,
		"a replaced one \ufffd stays":  "a replaced one \ufffd stays",
	} {
		if got := Line(text); got != want {
			t.Errorf("Line(%+q) = %q, want %q", text, got, want)
		}
		if got, want := Text("\t"+text+"\n"), "\t"+strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(want)+"\n"; got != want {
			t.Errorf("Text(%+q) = %q, want %q", text, got, want)
		}
	}
}

// TestEncodedKeeps: what is ordinary stays as it was, to the byte.
func TestEncodedKeeps(t *testing.T) {
	for _, text := range []string{"a: ü 日本\u3000\u00a0\n", "a: \"\\U0001F600\\n\"\nb:\n  - 'x'\n", "# comment\na: |\n  x\n\ty\n", ""} {
		got, err := YAML([]byte(text))
		if diff := cmp.Diff(text, string(got)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	const text = "{\n  \"ü\": \"日本\u3000\U0001F600 <&>\"\n}\n"
	got, err := JSON(map[string]string{"ü": "日本\u3000\U0001F600 <&>"})
	if diff := cmp.Diff(text, string(got)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := JSON(func() {}); err == nil {
		t.Error("no error for what is not JSON")
	}
}

func TestYAML(t *testing.T) {
	got, err := YAML([]byte("plain\u202e: 'single\u2066'\nliteral: |\n  a\u200b\n  b\nfolded: >-\n  a\u2060\nkeep: 'x'\n---\n[\"\U000e0041\"]\n"))
	want := `"plain\u202E": "single\u2066"` + "\n" + `literal: "a\u200B\nb\n"` + "\n" + `folded: "a\u2060"` + "\nkeep: 'x'\n---\n" + `["\U000E0041"]` + "\n"
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := YAML([]byte("a: [\u202e")); err == nil {
		t.Error("no error for what is not YAML")
	}
}

// hostileTexts are the seeds of the fuzz tests.
var hostileTexts = []string{"", "plain", "ü 日本 \U0001F600", "\x1b[2J\x07\r\n\t\x7f", "\u009b31m\u0085", "\u202e\u2066\u200f\u061c",
	"\u200b\u00ad\ufeff\u2028\u2029", "\U000e0041\u3164", "\xff\xc0", "a\n\u202e\n b", "- \u202e: [x]", "'\u200b\"\\", "#\u2066", "|\n\u2028"}

func FuzzText(f *testing.F) {
	for _, s := range hostileTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line, text := Line(s), Text(s)
		for _, r := range line {
			if IsUnsafe(r) || !unicode.IsPrint(r) {
				t.Fatalf("Line(%q) holds %U", s, r)
			}
		}
		if strings.ContainsFunc(text, isEncodedUnsafe) || !utf8.ValidString(line+text) {
			t.Fatalf("Text(%q) is %q", s, text)
		}
		if Line(line) != line || Text(text) != text {
			t.Fatalf("%q is escaped twice", s)
		}
	})
}

// FuzzEncoded: decoding returns what was encoded, and nothing unsafe is in it.
func FuzzEncoded(f *testing.F) {
	for _, s := range hostileTexts {
		f.Add(s, "key"+s)
	}
	f.Fuzz(func(t *testing.T, value, key string) {
		if !utf8.ValidString(value) || !utf8.ValidString(key) {
			return // neither JSON nor YAML text can hold it
		}
		want := map[string]any{key: []any{value, map[string]any{"x": value + "\n" + value}}}
		for name, format := range map[string]struct {
			encode func() ([]byte, error)
			decode func([]byte, any) error
		}{
			"JSON": {func() ([]byte, error) { return JSON(want) }, json.Unmarshal},
			"YAML": {func() ([]byte, error) {
				data, err := yaml.Marshal(want)
				if err != nil {
					return nil, err
				}
				var got map[string]any
				if yaml.Unmarshal(data, &got) != nil { // a fault of the library
					return []byte("{}"), nil
				}
				return YAML(data)
			}, yaml.Unmarshal},
		} {
			data, err := format.encode()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if bytes.ContainsFunc(data, isEncodedUnsafe) {
				t.Fatalf("%s holds an unsafe character: %q", name, data)
			}
			var got map[string]any
			if err := format.decode(data, &got); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, data)
			}
			if diff := cmp.Diff(want, got); diff != "" && string(data) != "{}" {
				t.Fatalf("%s (-want +got):\n%s\n%s", name, diff, data)
			}
		}
	})
}

func TestWriter(t *testing.T) {
	const red, reset, wipe = "\x1b[31m", "\x1b[0m", "\r\x1b[K"
	for text, want := range map[string]string{
		"plain ü\n\t\u3000":                "plain ü\n\t\u3000",
		red + "error" + reset + "\n":       red + "error" + reset + "\n",
		wipe + "working":                   wipe + "working",
		"\r\n":                             `\r` + "\n",
		"\x1b[7m\x1b]0;x\x07\x1b[31":       `\u001b[7m\u001b]0;x\u0007\u001b[31`,
		"\u202eabc\u2069\u009b":            `\u202eabc\u2069\u009b`,
		"\xff\xe2\x80x" + red + "\xe2\x80": `\xff\xe2\x80x` + red + `\xe2\x80`,
	} {
		for _, piece := range []int{1, 2, 3, 5, len(text)} {
			var out bytes.Buffer
			w := NewWriter(&out, red, reset, wipe)
			for rest := []byte(text); len(rest) > 0; {
				n := min(piece, len(rest))
				if written, err := w.Write(rest[:n]); written != n || err != nil {
					t.Fatalf("wrote %d of %d: %v", written, n, err)
				}
				rest = rest[n:]
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != want {
				t.Errorf("%q by %d: got %q, want %q", text, piece, got, want)
			}
		}
	}
}
