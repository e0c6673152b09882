package strictyaml

import (
	"strings"
	"testing"
)

func TestSuggest(t *testing.T) {
	fields := []string{"className", "host", "hosts", "http01", "issuer", "name", "namespace", "secretName", "renewBefore", "renewBeforePercentage"}
	for word, want := range map[string]string{
		"hots": "host", "Host": "host", "clasName": "className", "class": "className", "secret": "secretName", "htpp01": "http01",
		"isuser": "issuer", "nam": "name", "namespaces": "namespace", "renewbefore": "renewBefore",
		"name" + strings.Repeat("e", 70): "",
		"tls":                            "", "x": "", "": "", "frobnicate": "", "port": "",
	} {
		if want != "" {
			want = "; did you mean " + want + "?"
		}
		if got := Suggest(word, fields); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", word, got, want)
		}
	}
}
