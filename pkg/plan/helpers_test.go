package plan_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/config"
	"github.com/kubectl-certs/kubectl-certs/pkg/plan"
)

func parse(t *testing.T, source string) plan.Plan {
	t.Helper()
	return parseWith(t, source, nil)
}

// parseWith plans a file with the certificates that its trust names.
func parseWith(t *testing.T, source string, roots plan.Roots) plan.Plan {
	t.Helper()
	doc, err := config.Parse(nil, "certs.yaml", []byte("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\n"+source))
	if err != nil {
		t.Fatal(err)
	}
	return plan.New(doc.Base, roots)
}

// pairs writes a map out, sorted by key.
func pairs(m map[string]string) string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		words = append(words, key+"="+m[key])
	}
	return strings.Join(words, " ")
}
