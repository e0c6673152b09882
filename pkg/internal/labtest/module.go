package labtest

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// TrustManager is the module with the CRDs of trust-manager. Nothing of it is
// linked: it would bring a newer Kubernetes with it.
const TrustManager = "github.com/cert-manager/trust-manager@v0.25.0"

// Module returns the folder of a Go module, downloaded if need be.
func Module(t testing.TB, module string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module).Output()
	var found struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &found); jsonErr != nil || found.Dir == "" {
		t.Fatalf("download %s: %v %s", module, err, found.Error)
	}
	return found.Dir
}
