package cmd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkLive compares 1,000 Ingresses with a real API server, ours and
// kubectl's ways in one run: make -C lab bench. First nothing differs, then all do.
func BenchmarkLive(b *testing.B) {
	bin, kubectl := ours(b), peer(b, "KUBECTL")
	l := startLab(b)
	for i := range 20 {
		makeNamespaces(b, l.client(), fmt.Sprintf("team-%02d", i))
	}
	dir := b.TempDir()
	routes(b, dir, 1000, "example.com")
	process(b, dir, 0, bin, "generate")
	process(b, dir, 0, bin, "apply", "-k", "overlays/default")
	for _, state := range []struct {
		name string
		code int // kubectl finds our label server-side, and so something always
	}{{"unchanged", 0}, {"changed", 1}} {
		if state.name == "changed" {
			routes(b, dir, 1000, "example.net")
			process(b, dir, 0, bin, "generate")
		}
		all := filepath.Join(dir, "all.yaml")
		printed := output(b, dir, bin, "generate", "-o", "yaml")
		if err := os.WriteFile(all, printed, 0o644); err != nil {
			b.Fatal(err)
		}
		b.Run(state.name+"/kubectl-certs", func(b *testing.B) {
			loop(b, dir, state.code, nil, bin, "diff", "--live", "-k", "overlays/default")
		})
		b.Run(state.name+"/kubectl-server-side-8", func(b *testing.B) {
			loop(b, dir, 1, nil, kubectl, "diff", "--server-side", "--force-conflicts", "--field-manager", "kubectl-certs", "--concurrency", "8", "-f", all)
		})
		b.Run(state.name+"/kubectl-default", func(b *testing.B) { loop(b, dir, state.code, nil, kubectl, "diff", "-f", all) })
	}
}
