package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-certs/kubectl-certs/pkg/internal/labtest"
	"github.com/kubectl-certs/kubectl-certs/pkg/manifest"
)

// crdFiles are the CRDs that cert-manager, the Gateway API, NGINX and
// trust-manager ship. Their schemas have keys called kind, name and metadata
// whose values are maps.
func crdFiles(t testing.TB) []string {
	t.Helper()
	patterns := []string{
		filepath.Join("..", "..", "lab", "crds", "nginx.yaml"),
		filepath.Join(labtest.Module(t, labtest.TrustManager), "deploy", "crds", "*.yaml"),
	}
	for module, dirs := range map[string][]string{
		"github.com/cert-manager/cert-manager": {"deploy/crds/*.yaml"},
		"sigs.k8s.io/gateway-api":              {"config/crd/standard/*.yaml", "config/crd/experimental/*.yaml"},
	} {
		root, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range dirs {
			patterns = append(patterns, filepath.Join(strings.TrimSpace(string(root)), filepath.FromSlash(dir)))
		}
	}
	var files []string
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			t.Fatalf("no CRDs in %s: %v", p, err)
		}
		files = append(files, found...)
	}
	slices.Sort(files)
	return files
}

// crds are the objects of all these files.
func crds(t testing.TB) []manifest.Object {
	t.Helper()
	var all []manifest.Object
	for _, name := range crdFiles(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		objects, _, err := manifest.DecodeSome(nil, data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, o := range objects {
			if o.Kind() == "CustomResourceDefinition" {
				all = append(all, o)
			}
		}
	}
	return all
}

// TestCRDs: each CRD is compared with nothing, and with versions of itself in
// which something is changed, and each of these is a difference.
func TestCRDs(t *testing.T) {
	all := crds(t)
	if len(all) < 30 {
		t.Fatalf("only %d CRDs", len(all))
	}
	for i, o := range all {
		for seed := range uint64(2) { // FuzzCRDs tries more
			m := mutator{rand.New(rand.NewPCG(uint64(i), seed))}
			changed := m.changeMap(o)
			for _, sides := range [][2][]manifest.Object{{{o}, {changed}}, {{changed}, {o}}, {nil, {changed}}, {{changed}, nil}} {
				changes, err := Objects(sides[0], sides[1])
				if err != nil {
					t.Fatalf("%s: %v", o.ID(), err)
				}
				if len(changes) == 0 {
					t.Errorf("%s: a change of seed %d makes no difference", o.ID(), seed)
				}
				checkOutputs(t, changes)
			}
		}
	}
}

// checkOutputs writes changes in every form.
func checkOutputs(t *testing.T, changes []Change) {
	t.Helper()
	var text, md, sum, js bytes.Buffer
	for _, err := range []error{Text(&text, changes, TextOptions{Color: true}), Markdown(&md, changes), writeSummary(&sum, changes), writeJSON(&js, changes)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !json.Valid(js.Bytes()) {
		t.Fatalf("not JSON:\n%s", js.String())
	}
	if len(changes) > 0 && (text.Len() == 0 || sum.Len() == 0) {
		t.Fatal("nothing is shown of a change")
	}
}

// mutator changes the structure of values at random. A changed value never
// equals the one before.
type mutator struct{ *rand.Rand }

// words are keys and values that mean something to diff.
var words = []string{"kind", "Secret", "SealedSecret", "metadata", "annotations", "data", "stringData", "password", "template", "spec", "name", "host", "path",
	"kubectl.kubernetes.io/last-applied-configuration", "", "*", "-----BEGIN CERTIFICATE-----", "LS0tLS1CRUdJTi"}

// change returns a copy with one change somewhere below the top.
func (m mutator) change(v any) any {
	if m.IntN(6) == 0 {
		if fresh := m.value(3); !manifest.EqualValues(fresh, v) {
			return fresh
		}
	}
	switch v := v.(type) {
	case map[string]any:
		return m.changeMap(v)
	case []any:
		return m.changeList(v)
	case string:
		return v + "x"
	}
	return fmt.Sprint("was ", v)
}

func (m mutator) changeMap(v map[string]any) map[string]any {
	keys := unionKeys(v, nil)
	c := map[string]any{}
	for _, k := range keys {
		c[k] = v[k]
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return m.isIdentity(v, k) })
	key := words[m.IntN(len(words))]
	if len(keys) == 0 || m.IntN(5) == 0 {
		if _, there := c[key]; !there && !m.isIdentity(v, key) {
			c[key] = m.value(3)
			return c
		}
	}
	if len(keys) == 0 {
		c[key+"-new"] = m.value(3)
		return c
	}
	key = keys[m.IntN(len(keys))]
	if m.IntN(5) == 0 {
		delete(c, key)
	} else {
		c[key] = m.change(v[key])
	}
	return c
}

// isIdentity reports the fields that tell one object from another.
func (m mutator) isIdentity(v map[string]any, key string) bool {
	_, isObject := v["apiVersion"].(string)
	return isObject && (key == "apiVersion" || key == "kind" || key == "metadata")
}

func (m mutator) changeList(v []any) []any {
	c := slices.Clone(v)
	switch i := m.IntN(len(v) + 1); {
	case i == len(v) || m.IntN(4) == 0:
		return slices.Insert(c, min(i, len(v)), m.value(3))
	case m.IntN(4) == 0:
		return slices.Delete(c, i, i+1)
	default:
		c[i] = m.change(c[i])
		return c
	}
}

// value is any value of JSON.
func (m mutator) value(depth int) any {
	kinds := 7
	if depth == 0 {
		kinds = 5
	}
	switch m.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return m.IntN(2) == 0
	case 2:
		return int64(m.IntN(1000) - 500)
	case 3:
		return m.Float64()
	case 5:
		list := make([]any, m.IntN(4))
		for i := range list {
			list[i] = m.value(depth - 1)
		}
		return list
	case 6:
		o := map[string]any{}
		for range m.IntN(4) {
			o[words[m.IntN(len(words))]] = m.value(depth - 1)
		}
		return o
	}
	return words[m.IntN(len(words))]
}

// FuzzCRDs: a CRD in which much is changed on both sides, and on one of them
// any value besides.
func FuzzCRDs(f *testing.F) {
	all := crds(f)
	for i := range all {
		f.Add(uint16(i), uint64(i), uint8(i), []byte(`{"kind": [{"kind": {}}], "metadata": null, "data": {"a": [1.5]}}`))
	}
	f.Fuzz(func(t *testing.T, i uint16, seed uint64, changes uint8, more []byte) {
		m := mutator{rand.New(rand.NewPCG(seed, 1))}
		old, new := all[int(i)%len(all)], all[int(i)%len(all)]
		for range changes % 16 {
			old, new = m.changeMap(old), m.changeMap(new)
		}
		if values, err := manifest.Decode(slices.Concat([]byte("apiVersion: v1\nkind: A\nmetadata: {name: a}\nmore: "), more)); err == nil && len(values) == 1 {
			new = new.Clone()
			new["more"] = values[0]["more"]
		}
		there := between(t, old, new)
		checkOutputs(t, there)
		if back := between(t, new, old); len(back) != len(there) {
			t.Fatalf("%d changes there, %d back", len(there), len(back))
		}
	})
}
