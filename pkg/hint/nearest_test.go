package hint

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	fields := []string{"className", "host", "hosts", "http01", "issuer", "name", "namespace", "secretName", "renewBefore", "renewBeforePercentage"}
	for word, want := range map[string]string{
		"hots": "host", "Host": "host", "clasName": "className", "class": "className", "secret": "secretName", "htpp01": "http01",
		"isuser": "issuer", "nam": "name", "namespaces": "namespace", "renewbefore": "renewBefore",
		"name" + strings.Repeat("e", 70): "",
		"tls":                            "", "x": "", "": "", "frobnicate": "", "port": "",
	} {
		if got := Nearest(word, fields); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
