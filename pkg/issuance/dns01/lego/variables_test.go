//go:build !slim

package lego

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite variables.txt")

// TestTable: variables.txt is what lego's own files say: its providers by
// name, and the variables that are documented for each.
func TestTable(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/go-acme/lego/v4").Output()
	if err != nil {
		t.Skipf("no sources of lego: %v", err)
	}
	want := derive(t, filepath.Join(strings.TrimSpace(string(dir)), "providers", "dns"))
	if *update {
		if err := os.WriteFile("variables.txt", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("variables.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./pkg/issuance/dns01/lego -run Table -update rewrites it (-want +got):\n%s", diff)
	}
}

var (
	choice   = regexp.MustCompile(`case (".*"):\n\t+return (\w+)\.`)
	heading  = regexp.MustCompile(`^\s*\[(.*)\]`)
	variable = regexp.MustCompile(`^\s*([A-Za-z0-9_]+)\s*=\s*["']`)
)

func derive(t *testing.T, dir string) []byte {
	t.Helper()
	var table bytes.Buffer
	for _, c := range choice.FindAllStringSubmatch(read(t, filepath.Join(dir, "zz_gen_dns_providers.go")), -1) {
		files, err := filepath.Glob(filepath.Join(dir, c[2], "*.toml"))
		if err != nil || len(files) != 1 {
			continue // manual, which has no variables
		}
		names := strings.ReplaceAll(strings.ReplaceAll(c[1], `"`, ""), ",", "")
		fmt.Fprintf(&table, "%s: %s\n", names, strings.Join(documented(read(t, files[0])), " "))
	}
	return table.Bytes()
}

// documented are the variables of a provider's description.
func documented(toml string) []string {
	found, section := map[string]bool{}, ""
	for line := range strings.Lines(toml) {
		if h := heading.FindStringSubmatch(line); h != nil {
			section = h[1]
		} else if v := variable.FindStringSubmatch(line); v != nil && strings.HasPrefix(section, "Configuration.") {
			found[v[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
