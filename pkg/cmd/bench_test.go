package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Whole processes, ours and the peers', in one run: make bench. KUSTOMIZE and
// KUBECTL name the peers' binaries; without them their benchmarks are skipped.

// routes writes a certs.yaml of n hosts into a folder.
func routes(b *testing.B, dir string, n int, host string) {
	b.Helper()
	routesOn(b, dir, n, host, "traefik")
}

func routesOn(b *testing.B, dir string, n int, host, class string) {
	b.Helper()
	var s strings.Builder
	s.WriteString("apiVersion: kubectl-certs.dev/v1alpha1\nkind: Certs\nissuers:\n- {name: web, acme: {server: letsencrypt, solvers: [{http01: {}}]}}\nexpose:\n")
	for i := range n {
		fmt.Fprintf(&s, "- name: shop-%05d\n  namespace: team-%02d\n  host: shop-%05d.%s\n  className: %s\n  issuer: web\n", i, i%20, i, host, class)
		s.WriteString("  routes:\n  - {path: /, service: shop, port: 80}\n  - {path: /api, service: api, port: 8080}\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "certs.yaml"), []byte(s.String()), 0o644); err != nil {
		b.Fatal(err)
	}
}

// ours builds the plugin once for all benchmarks.
func ours(b *testing.B) string {
	b.Helper()
	bin := filepath.Join(os.TempDir(), fmt.Sprintf("kubectl-certs-bench-%d", os.Getpid()))
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, "../../cmd/kubectl-certs")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return bin
}

func peer(b *testing.B, variable string) string {
	b.Helper()
	bin := os.Getenv(variable)
	if bin == "" {
		b.Skipf("%s is not set; make bench builds and names it", variable)
	}
	return bin
}

// process runs a command and returns its peak memory in MB.
func process(b *testing.B, dir string, code int, command ...string) float64 {
	b.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		b.Fatalf("%v: %v\n%.2000s", command, err, out)
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return float64(usage.Maxrss) / 1024
	}
	return 0
}

var sizes = []int{100, 1000, 10000}

func each(b *testing.B, sizes []int, bench func(b *testing.B, n int)) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) { bench(b, n) })
	}
}

// loop runs a command b.N times, with something to set up before each.
func loop(b *testing.B, dir string, code int, setup func(), command ...string) {
	b.Helper()
	peak := 0.0
	for b.Loop() {
		if setup != nil {
			b.StopTimer()
			setup()
			b.StartTimer()
		}
		peak = max(peak, process(b, dir, code, command...))
	}
	b.ReportMetric(peak, "peak-MB")
}

// BenchmarkGenerate writes a whole tree: one Ingress a host.
func BenchmarkGenerate(b *testing.B) { generate(b, "traefik") }

// BenchmarkGenerateMergeable writes a tree of three objects a host: the form
// for NGINX Ingress Controller.
func BenchmarkGenerateMergeable(b *testing.B) { generate(b, "nginx") }

func generate(b *testing.B, class string) {
	bin := ours(b)
	each(b, sizes, func(b *testing.B, n int) {
		dir := b.TempDir()
		routesOn(b, dir, n, "example.com", class)
		clean := func() {
			_ = os.RemoveAll(filepath.Join(dir, "base"))
			_ = os.RemoveAll(filepath.Join(dir, "overlays"))
		}
		loop(b, dir, 0, clean, bin, "generate")
	})
}

// BenchmarkDiffUnchanged compares a certs.yaml with its tree.
func BenchmarkDiffUnchanged(b *testing.B) {
	bin := ours(b)
	each(b, sizes, func(b *testing.B, n int) {
		dir := b.TempDir()
		routes(b, dir, n, "example.com")
		process(b, dir, 0, bin, "generate")
		loop(b, dir, 0, nil, bin, "diff")
	})
}

// BenchmarkDiffAllChanged compares it with a tree in which every host differs.
func BenchmarkDiffAllChanged(b *testing.B) {
	bin := ours(b)
	each(b, sizes, func(b *testing.B, n int) {
		dir := b.TempDir()
		routes(b, dir, n, "example.com")
		process(b, dir, 0, bin, "generate")
		routes(b, dir, n, "example.net")
		loop(b, dir, 1, nil, bin, "diff")
	})
}

// BenchmarkDiffFolders compares two trees of which every tenth object differs.
func BenchmarkDiffFolders(b *testing.B) {
	bin := ours(b)
	each(b, sizes, func(b *testing.B, n int) {
		one, two := b.TempDir(), b.TempDir()
		routes(b, one, n, "example.com")
		routes(b, two, n, "example.com")
		data, err := os.ReadFile(filepath.Join(two, "certs.yaml"))
		if err != nil {
			b.Fatal(err)
		}
		changed := strings.ReplaceAll(string(data), "7.example.com", "7.example.net")
		if err := os.WriteFile(filepath.Join(two, "certs.yaml"), []byte(changed), 0o644); err != nil {
			b.Fatal(err)
		}
		process(b, one, 0, bin, "generate")
		process(b, two, 0, bin, "generate")
		loop(b, one, 1, nil, bin, "diff", one, two)
	})
}

// BenchmarkKustomizeBuild is the peer on the same objects: in our tree, as our
// users would, and in one flat file.
func BenchmarkKustomizeBuild(b *testing.B) {
	bin := ours(b)
	for _, layout := range []string{"tree", "flat"} {
		b.Run(layout, func(b *testing.B) {
			each(b, []int{100, 1000, 3000}, func(b *testing.B, n int) {
				kustomize := peer(b, "KUSTOMIZE")
				dir := b.TempDir()
				routes(b, dir, n, "example.com")
				process(b, dir, 0, bin, "generate")
				target := "overlays/default"
				if layout == "flat" {
					target = "flat"
					flatten(b, bin, dir)
				}
				loop(b, dir, 0, nil, kustomize, "build", target)
			})
		})
	}
}

// output is what a command prints.
func output(b *testing.B, dir string, command ...string) []byte {
	b.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%v: %v", command, err)
	}
	return out
}

func flatten(b *testing.B, bin, dir string) {
	b.Helper()
	objects := output(b, dir, bin, "generate", "-o", "yaml")
	if err := os.Mkdir(filepath.Join(dir, "flat"), 0o755); err != nil {
		b.Fatal(err)
	}
	for name, data := range map[string]string{"all.yaml": string(objects), "kustomization.yaml": "resources: [all.yaml]\n"} {
		if err := os.WriteFile(filepath.Join(dir, "flat", name), []byte(data), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGenerate3000 is ours on the same objects as kustomize's largest.
func BenchmarkGenerate3000(b *testing.B) {
	bin := ours(b)
	dir := b.TempDir()
	routes(b, dir, 3000, "example.com")
	loop(b, dir, 0, nil, bin, "generate", "-d", filepath.Join(dir, "tree"))
}

// BenchmarkStart is the time to say a version.
func BenchmarkStart(b *testing.B) {
	b.Run("kubectl-certs", func(b *testing.B) { loop(b, "", 0, nil, ours(b), "version") })
	b.Run("kubectl", func(b *testing.B) { loop(b, "", 0, nil, peer(b, "KUBECTL"), "version", "--client") })
}
