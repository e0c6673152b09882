package overlay_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestErrorsQuoteNoValues: what cannot be read may be a secret.
func TestErrorsQuoteNoValues(t *testing.T) {
	for name, text := range map[string]string{
		"literal":       "secretGenerator: [{name: a, literals: ['k=v', 'hunter2']}]",
		"literal]":      "secretGenerator: [{name: a, literals: ['hunter2]: hunter2, expected']}]",
		"anchor":        "resources: [s.yaml]\n---\n*hunter2\n",
		"not a number":  "resources: [number.yaml]",
		"not a boolean": "resources: [boolean.yaml]",
		"not binary":    "resources: [binary.yaml]",
		"no anchor":     "resources: [anchor.yaml]",
		"patch":         "resources: [ok.yaml]\npatches: [{patch: \"stringData:\\n password: hunter2\\n x: [\", target: {kind: Secret}}]",
		"json patch":    "resources: [ok.yaml]\npatches: [{patch: \"[{op: nothing, path: /stringData/a, value: hunter2}]\", target: {kind: Secret}}]",
		"json6902":      "resources: [ok.yaml]\npatchesJson6902: [{patch: \"- hunter2: [\", target: {version: v1, kind: Secret, name: a}}]",
		"replacement":   "resources: [ok.yaml]\nreplacements: [{source: {kind: Secret, fieldPath: stringData.a.b}, targets: [{select: {kind: Secret}, fieldPaths: [stringData.c]}]}]",
	} {
		files := fstest.MapFS{"d/kustomization.yaml": {Data: []byte(text)}}
		files["d/ok.yaml"] = &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: hunter2}\n")}
		for file, value := range map[string]string{"number": "!!int hunter2", "boolean": "!!bool hunter2", "binary": "!!binary hunter2", "anchor": "*hunter2"} {
			files["d/"+file+".yaml"] = &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: " + value + "}\n")}
		}
		var b overlay.Builder
		if _, err := b.Build(files, "d"); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
