package position

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

func TestFieldIsFoundInEveryStyleOfYAML(t *testing.T) {
	text := Read([]byte(`# comment
apiVersion: v1
kind: List
items:
- &a
  apiVersion: v1
  kind: ConfigMap
  metadata: &m {name: a, namespace: n}
  data:
    ca.crt: |
      one
      two
    a.b[0]: dots
- <<: *a
  metadata:
    <<: [*m]
    name: b
---
{"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "c"},
 "spec": {"dnsNames": ["x",
  "y"]}}
--- # not read from here on
{
`))
	a := manifest.ID{Kind: "ConfigMap", Namespace: "n", Name: "a"}
	b := manifest.ID{Kind: "ConfigMap", Namespace: "n", Name: "b"}
	c := manifest.ID{Group: "cert-manager.io", Kind: "Certificate", Name: "c"}
	for _, tt := range []struct {
		id    manifest.ID
		field string
		want  int
	}{
		{a, "", 5}, {a, "metadata.name", 8}, {a, "data.ca.crt", 10}, {a, "data.ca.crt, line 2", 12}, {a, "data.a.b[0]", 13}, {a, "data.nothing", 9},
		{b, "", 14}, {b, "metadata.name", 17}, {b, "metadata.namespace", 8}, {b, "data.ca.crt, line 1", 11},
		{c, "spec.dnsNames[1]", 21}, {c, "spec.dnsNames[7]", 20}, {c, "spec.dnsNames[x]", 20},
		{manifest.ID{Kind: "ConfigMap", Name: "none"}, "data", 0},
	} {
		if got := text.Of(tt.id, tt.field); got != tt.want {
			t.Errorf("%s %s is on line %d, want %d", tt.id, tt.field, got, tt.want)
		}
	}
}

// The work must not grow with the number of merges of one mapping.
func TestFirstMergedMappingWithAKeyWins(t *testing.T) {
	var text strings.Builder
	text.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nm0: &m0 {k: v}\n")
	for i := range 30 {
		fmt.Fprintf(&text, "m%d: &m%d {<<: [%s], k%d: v}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d, ", i), 50), ", "), i+1)
	}
	text.WriteString("first: &f {k1: v}\n<<: [*m30, *f]\nself: &s {<<: *s}\n")
	l := Read([]byte(text.String()))
	a := manifest.ID{Kind: "ConfigMap", Name: "a"}
	for field, want := range map[string]int{"k": 4, "k1": 5, "k30": 34, "self.none": 37, "none": 1} {
		if got := l.Of(a, field); got != want {
			t.Errorf("%s is on line %d, want %d", field, got, want)
		}
	}
}
