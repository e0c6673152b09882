package project

import (
	stdcmp "cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/diff"
	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// summary is the labels of overlays with the number of their objects.
func summary(sides []diff.Overlay) string {
	list := make([]string, len(sides))
	for i, s := range sides {
		list[i] = fmt.Sprintf("%s %d", s.Label, len(s.Objects))
	}
	return strings.Join(list, ", ")
}

// TestComparedOverlays: which overlays are compared, and how many objects each has before
// and after, when certs.yaml or the tree have changed since the tree was written.
func TestComparedOverlays(t *testing.T) {
	const fewer = header + `issuers: [{name: web, ca: {secretName: ca}}]
environments: [{name: prod}, {name: qa}]
`
	for name, tt := range map[string]struct {
		initial           string // the certs.yaml that the tree was written from, if not issuers
		file, environment string
		change            map[string]string // what people add, by file
		before, after     string
	}{
		"nothing changed": {file: issuers, before: "overlays/staging 2, overlays/prod 2", after: "overlays/staging 2, overlays/prod 2"},
		"a changed environment": {file: issuers + "  issuers: {web: {ca: {secretName: ca-prod}}}\n",
			before: "overlays/staging 2, overlays/prod 2", after: "overlays/staging 2, overlays/prod 2"},
		"a folder less": {initial: strings.Replace(issuers, "environments:", "certificates: [{name: cert, namespace: shop, dnsNames: [a.example.com], issuer: web}]\nenvironments:", 1), file: issuers,
			before: "overlays/staging 3, overlays/prod 3", after: "overlays/staging 2, overlays/prod 2"},
		"one environment":      {file: issuers, environment: "prod", before: "overlays/prod 2", after: "overlays/prod 2"},
		"another environment":  {file: fewer, before: "overlays/prod 2, overlays/qa 0, overlays/staging 2", after: "overlays/prod 1, overlays/qa 1"},
		"left over, but -e":    {file: fewer, environment: "qa", before: "overlays/qa 0", after: "overlays/qa 1"},
		"left over and edited": {file: fewer, change: map[string]string{"overlays/staging/kustomization.yaml": "- mine.yaml", "overlays/staging/mine.yaml": ""}, before: "overlays/prod 2, overlays/qa 0, overlays/staging 3", after: "overlays/prod 1, overlays/qa 1, overlays/staging 1"},
		"of others": {file: issuers, change: map[string]string{"overlays/mine/kustomization.yaml": "resources: []"},
			before: "overlays/staging 2, overlays/prod 2", after: "overlays/staging 2, overlays/prod 2"},
	} {
		t.Run(name, func(t *testing.T) {
			o := fill(t, map[string]string{"certs.yaml": stdcmp.Or(tt.initial, issuers)})
			dir := filepath.Dir(o.File)
			generate(t, o)
			for file, line := range tt.change {
				text := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine}\n"
				switch before := files(t, dir)[file]; {
				case before != "":
					text = strings.Replace(before, "resources:", "resources:\n"+line, 1) + "\n"
				case line != "":
					text = line + "\n"
				}
				write(t, filepath.Join(dir, file), text)
			}
			write(t, o.File, tt.file)
			o.Environment = tt.environment
			tree := readTree(t, open(t, o))
			u, err := tree.Update(true)
			if err != nil {
				t.Fatal(err)
			}
			before, after, err := tree.Sides(t.Context(), u)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.before, summary(before)); diff != "" {
				t.Errorf("before (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.after, summary(after)); diff != "" {
				t.Errorf("after (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBuildErrorNamesOverlay: an overlay that does not build is named, whichever side it is on.
func TestBuildErrorNamesOverlay(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	dir := filepath.Dir(o.File)
	generate(t, o)
	file := filepath.Join(dir, prodFile)
	write(t, file, strings.Replace(files(t, dir)[prodFile], "resources:", "resources:\n- missing.yaml", 1)+"\n")
	tree := readTree(t, open(t, o))
	u, err := tree.Update(true)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tree.CheckBuilds(t.Context(), u)
	if _, ok := errors.AsType[*BuildError](err); !ok || !strings.Contains(text(err), "missing.yaml") {
		t.Errorf("check: %#v: %v", err, err)
	}
	if _, _, err = tree.Sides(t.Context(), u); !strings.Contains(text(err), "missing.yaml") {
		t.Errorf("sides: %v", err)
	}
	for name, u := range map[string]overlay.Update{
		"in a folder left over": {Changes: []overlay.Change{{Path: "overlays/old/kustomization.yaml", Action: overlay.Deleted}}, Deletes: []string{prodFile, stagingFile}},
		"after the update":      {Writes: overlay.Tree{stagingFile: []byte("resources: [gone.yaml]\n")}},
	} {
		if _, _, err := tree.Sides(t.Context(), u); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestBrokenReference: a build that renames what another object refers to is
// an error, but not a BuildError.
func TestBrokenReference(t *testing.T) {
	const file = header + `issuers: [{name: web, ca: {secretName: ca}}]
certificates: [{name: cert, namespace: shop, dnsNames: [a.example.com], issuer: web}]
`
	o := fill(t, map[string]string{"certs.yaml": file})
	dir := filepath.Dir(o.File)
	generate(t, o)
	const kustomization = "base/cluster/kustomization.yaml"
	write(t, filepath.Join(dir, kustomization), files(t, dir)[kustomization]+"\nnamePrefix: x-\n")
	tree := readTree(t, open(t, o))
	u, err := tree.Update(true)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tree.CheckBuilds(t.Context(), u)
	if _, ok := errors.AsType[*BuildError](err); ok || !strings.HasPrefix(text(err), "overlays/default: ") || !strings.Contains(text(err), "x-web") {
		t.Errorf("%#v: %v", err, err)
	}
}

// TestStopped: nothing is built once the context has ended, which is not
// a BuildError.
func TestStopped(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	tree := readTree(t, open(t, o))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tree.CheckBuilds(ctx, overlay.Update{})
	if err != context.Canceled {
		t.Errorf("check: %#v", err)
	}
	if _, _, err := tree.Sides(ctx, overlay.Update{}); err != context.Canceled {
		t.Errorf("sides: %#v", err)
	}
}

// TestProgress: what takes long is announced, and taken back.
func TestProgress(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	var said []string
	o.Progress = func(what string) func() {
		said = append(said, what)
		return func() { said = append(said, "done") }
	}
	tree := readTree(t, open(t, o))
	u, err := tree.Update(true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.CheckBuilds(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	want := []string{"building overlays/staging", "done", "building overlays/prod", "done"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
