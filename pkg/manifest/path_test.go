package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextsAtAPath(t *testing.T) {
	objects, err := Decode([]byte(`apiVersion: v1
kind: X
metadata: {name: a}
spec:
  name: one
  routes:
  - {route: r1, hosts: [h1, h2]}
  - {route: 7}
  - [{route: r2}]
`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		texts string
		there bool
	}{
		"spec.name": {"one", true}, "spec.routes.route": {"r1 r2", true}, "spec.routes.hosts": {"h1 h2", true}, "spec.routes": {"", true},
		"spec.name.more": {"", false}, "spec.none": {"", false}, "spec.routes.none": {"", false}, "": {"", true},
	} {
		var keys []string
		if path != "" {
			keys = strings.Split(path, ".")
		}
		v := map[string]any(objects[0])
		if diff := cmp.Diff(want.texts, strings.Join(TextsAt(v, keys), " ")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", path, diff)
		}
		if got := Has(v, keys); got != want.there {
			t.Errorf("%s is there: %v, want %v", path, got, want.there)
		}
	}
}
