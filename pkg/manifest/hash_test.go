package manifest

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"sigs.k8s.io/kustomize/api/hasher"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

func TestCutHash(t *testing.T) {
	for name, want := range map[string]struct {
		before string
		hashed bool
	}{
		"token-2456789bcd":            {"token", true},
		"a-b-fghkmt2456":              {"a-b", true},
		"vault-credential":            {"vault-credential", false},
		"cloudflare-production":       {"cloudflare-production", false},
		"token-2020010100":            {"token-2020010100", false}, // kustomize writes g for 0 and h for 1
		"token-2456789bc":             {"token-2456789bc", false},
		"token-2456789bcdf":           {"token-2456789bcdf", false},
		"token2456789bcd":             {"token2456789bcd", false},
		"-2456789bcd":                 {"-2456789bcd", false},
		"token-2456789bcd-2456789bcd": {"token-2456789bcd", true},
		"":                            {"", false},
	} {
		if before, hashed := CutHash(name); before != want.before || hashed != want.hashed {
			t.Errorf("CutHash(%q) = %q, %v; want %q, %v", name, before, hashed, want.before, want.hashed)
		}
	}
}

// TestCutHashOfKustomize hashes random content with Kustomize's own hasher.
func TestCutHashOfKustomize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	check := func(hash string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if before, hashed := CutHash("some-name-" + hash); before != "some-name" || !hashed {
			t.Errorf("hash %q: CutHash returns %q, %v", hash, before, hashed)
		}
	}
	for range 5000 {
		check(hasher.SortArrayAndComputeHash([]string{strconv.FormatUint(random.Uint64(), 36)}))
	}
	for _, kind := range []string{"ConfigMap", "Secret"} {
		for range 200 {
			node := yaml.MustParse("apiVersion: v1\nkind: " + kind + "\nmetadata: {name: x}\ndata: {k: x" + strconv.FormatUint(random.Uint64(), 36) + "}\n")
			check((&hasher.Hasher{}).Hash(node))
		}
	}
}
