package limits_test

import (
	"os"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
)

// TestDocs: the limits are those of the documentation.
func TestDocs(t *testing.T) {
	docs, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	if limits.MaxFile != 64<<20 || limits.MaxDocuments != 100_000 || limits.MaxDepth != 200 || limits.MaxBlocks != 10_000 {
		t.Error("docs/limits.md and this test have other limits")
	}
	for _, row := range []string{
		"| size of a file | 64 MiB |", "| documents in a YAML file | 100,000 |", "| levels of nesting in YAML and JSON | 200 |",
		"| PEM blocks in a file or value | 10,000 |", "| values that YAML aliases expand to | 100,000, and 8 for each byte read |",
	} {
		if !strings.Contains(string(docs), row) {
			t.Errorf("docs/limits.md lacks %s", row)
		}
	}
}
