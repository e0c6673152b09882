package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// TestCRDs compares our schema with the CRDs that cert-manager ships: their
// properties, what they require, and the words they allow.
func TestCRDs(t *testing.T) {
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/cert-manager/cert-manager").Output()
	if err != nil {
		t.Fatal(err)
	}
	w := crdWalker{defs: ourSchema(t)["$defs"].(map[string]any)}
	for file, def := range map[string]string{"issuers": "Issuer", "certificates": "Certificate"} {
		crd := readCRD(t, filepath.Join(strings.TrimSpace(string(dir)), "deploy", "crds", "cert-manager.io_"+file+".yaml"))
		w.compare(def, crd, map[string]any{"$ref": "#/$defs/" + def})
	}
	want := []string{ // what we mean to do otherwise, each with its reason
		"Certificate.issuerRef: not ours",               // issuer replaces it
		"Certificate.renewal.policy: required",          // by cert-manager's webhook
		"Certificate.secretName: not required",          // has a default
		"Issuer.acme.privateKeySecretRef: not required", // has a default
		"Issuer.acme.solvers: required",                 // without one no certificate would ever be issued
		"Issuer.acme.solvers[].http01.gatewayHTTPRoute.serviceType: words [], ours [ClusterIP NodePort]", // by the webhook
		"Issuer.acme.solvers[].http01.ingress.serviceType: words [], ours [ClusterIP NodePort]",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(w.found))); diff != "" {
		t.Errorf("differences from the CRDs (-known +found):\n%s", diff)
	}
}

func ourSchema(t testing.TB) map[string]any {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(JSON(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func readCRD(t *testing.T, file string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema struct{ Properties map[string]map[string]any } `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(data, &crd); err != nil {
		t.Fatal(err)
	}
	return crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
}

type crdWalker struct {
	defs  map[string]any
	found map[string]bool
}

func (w *crdWalker) note(format string, args ...any) {
	if w.found == nil {
		w.found = map[string]bool{}
	}
	w.found[fmt.Sprintf(format, args...)] = true
}

func (w *crdWalker) compare(at string, theirs, ours map[string]any) {
	if ref, ok := ours["$ref"].(string); ok {
		ours = w.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if a, b := texts(theirs["enum"]), texts(ours["enum"]); !slices.Equal(a, b) {
		w.note("%s: words %v, ours %v", at, a, b)
	}
	if items, ok := theirs["items"].(map[string]any); ok {
		w.compare(at+"[]", items, ours["items"].(map[string]any))
	}
	if extra, ok := theirs["additionalProperties"].(map[string]any); ok {
		w.compare(at+"{}", extra, ours["additionalProperties"].(map[string]any))
	}
	properties, _ := theirs["properties"].(map[string]any)
	known, _ := ours["properties"].(map[string]any)
	required, wanted := texts(theirs["required"]), texts(ours["required"])
	for key, property := range properties {
		mine, ok := known[key].(map[string]any)
		if !ok {
			w.note("%s.%s: not ours", at, key)
			continue
		}
		if a, b := slices.Contains(required, key), slices.Contains(wanted, key); a && !b {
			w.note("%s.%s: not required", at, key)
		} else if b && !a {
			w.note("%s.%s: required", at, key)
		}
		w.compare(at+"."+key, property.(map[string]any), mine)
	}
}

func texts(list any) []string {
	var all []string
	for _, v := range func() []any { l, _ := list.([]any); return l }() {
		all = append(all, fmt.Sprint(v))
	}
	slices.Sort(all)
	return all
}
