package strictyaml

import "testing"

func TestSuggest(t *testing.T) {
	for word, want := range map[string]string{"hots": "; did you mean host?", "tls": ""} {
		if got := Suggest(word, []string{"host", "name"}); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", word, got, want)
		}
	}
}
