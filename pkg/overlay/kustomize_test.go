package overlay_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// TestBuildPanics: kustomize panics on objects of some shapes. That is an error
// of the input, not a bug of ours.
func TestBuildPanics(t *testing.T) {
	for object, cause := range map[string]string{
		`{apiVersion: v1, kind: "a,", metadata: {name: x}}`:                                          "panic with a value of type *errors.errorString",
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: x, annotations: [y]}}`:                   "runtime error: index out of range [1] with length 1",
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: x, annotations: [{a: b}, {secret: c}]}}`: "panic with a value of type *errors.Error",
	} {
		files := fstest.MapFS{
			"app/kustomization.yaml": {Data: []byte("resources: [x.yaml]\nnamespace: shop\nnamePrefix: p-\n")},
			"app/x.yaml":             {Data: []byte(object)},
		}
		_, err := new(overlay.Builder).Build(files, "app")
		want := "build app: kustomize panics, usually because of an invalid object; check kind and metadata of each object (" + cause + ")"
		if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", object, diff)
		}
	}
}
