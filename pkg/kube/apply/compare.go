package apply

import (
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// upToDate reports whether applying an object would change nothing, as far as
// is known without a request: the live object has all desired fields, and we
// own no others, nor would after its migration. True is certain; a wrong false
// costs one request.
func upToDate(live, want manifest.Object, m migration) bool {
	if !covers(map[string]any(live), map[string]any(want)) {
		return false
	}
	wanted := true
	m.owned.Iterate(func(p fieldpath.Path) {
		wanted = wanted && has(map[string]any(want), p)
	})
	return wanted
}

// covers reports whether live has everything in want. Lists must have the same
// elements in the same order.
func covers(live, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		live, ok := live.(map[string]any)
		if !ok {
			return false
		}
		for key, value := range want {
			if !covers(live[key], value) {
				return false
			}
		}
		return true
	case []any:
		live, ok := live.([]any)
		if !ok || len(live) != len(want) {
			return false
		}
		for i := range want {
			if !covers(live[i], want[i]) {
				return false
			}
		}
		return true
	}
	return manifest.EqualValues(live, want)
}
