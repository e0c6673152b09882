package manifest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
	"github.com/kubectl-certs/kubectl-certs/pkg/limits"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// TestDecodeLargeInput: nothing that files spell out is limited, in one file or many.
func TestDecodeLargeInput(t *testing.T) {
	budget := limits.New(nil)
	var stream strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&stream, "---\napiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: c%d}\ndata: {a: b}\nagain: *m\n", i)
	}
	objects, err := manifest.DecodeWithin(budget, []byte(stream.String()))
	if len(objects) != 10_000 || err != nil {
		t.Fatalf("got %d objects, %v", len(objects), err)
	}
	if testing.Short() {
		t.Skip("50 MB of CRDs take some seconds")
	}
	files, err := filepath.Glob(filepath.Join(labtest.Module(t, labtest.TrustManager), "deploy", "crds", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no CRDs: %v", err)
	}
	crd, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	file := strings.Repeat("---\n"+string(crd), 10<<20/len(crd))
	for i := range 5 {
		objects, err := manifest.DecodeWithin(budget, []byte(file))
		if len(objects) != 10<<20/len(crd) || err != nil {
			t.Fatalf("file %d: got %d objects, %v", i, len(objects), err)
		}
	}
}
