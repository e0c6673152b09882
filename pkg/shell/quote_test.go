package shell

import "testing"

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"":           "''",
		"roots.pem":  "roots.pem",
		"a=b":        "a=b",
		"=west":      "'=west'",
		"@file":      "'@file'",
		"~/x":        "'~/x'",
		"it's":       `'it'\''s'`,
		"a b":        "'a b'",
		"$(x)":       "'$(x)'",
		"{a,b}":      "'{a,b}'",
		"a\nb":       "'a\nb'",
		"größe":      "'größe'",
		"--set":      "--set",
		"x.y[0]=1":   "'x.y[0]=1'",
		"!event":     "'!event'",
		"C:/a/b.pem": "C:/a/b.pem",
	} {
		if got := Quote(word); got != want {
			t.Errorf("%q: got %s, want %s", word, got, want)
		}
	}
}

// TestPath: no path looks like a flag or like a file to read words from.
func TestPath(t *testing.T) {
	for file, want := range map[string]string{
		"roots.pem": "roots.pem", "a/-b": "a/-b", "-o": "./-o", "@file": "./@file", "": "",
	} {
		if got := Path(file); got != want {
			t.Errorf("%q: got %q, want %q", file, got, want)
		}
	}
}

func TestJoin(t *testing.T) {
	if got, want := Join([]string{"kubectl", "a b", ""}), "kubectl 'a b' ''"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
