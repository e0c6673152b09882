package project

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

// The files of the tree generated from issuers.
const (
	prodFile    = "overlays/prod/kustomization.yaml"
	stagingFile = "overlays/staging/kustomization.yaml"
	webFile     = "base/cluster/clusterissuer-web.yaml"
)

// TestMissingTree: a folder that does not exist is an empty tree, whose files
// are all to be created.
func TestMissingTree(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	o.Dir = filepath.Join(filepath.Dir(o.File), "deploy")
	tree := readTree(t, open(t, o))
	u, err := tree.Update(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range u.Changes {
		if c.Action != overlay.Created {
			t.Errorf("%s is %s", c.Path, c.Action)
		}
	}
	for _, name := range []string{prodFile, stagingFile, webFile} {
		if _, ok := u.Writes[name]; !ok {
			t.Errorf("%s is not written", name)
		}
	}
	checks, err := tree.CheckBuilds(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]BuildCheck{{"staging", 2}, {"prod", 2}}, checks); diff != "" {
		t.Errorf("builds (-want +got):\n%s", diff)
	}
	before, after, err := tree.Sides(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("overlays/staging 0, overlays/prod 0", summary(before)); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("overlays/staging 2, overlays/prod 2", summary(after)); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}

// TestUnreadableTree: anything but a folder of files is an error.
func TestUnreadableTree(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers, "base": "a file"})
	if _, err := open(t, o).Tree(); !strings.Contains(text(err), "base") {
		t.Errorf("a file in place of a folder: %v", err)
	}
}

// TestWrite: an update is written, and temporary files of interrupted runs are
// removed even if nothing else is to be done.
func TestWrite(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	dir := filepath.Dir(o.File)
	tree := generate(t, o)
	u, err := tree.Update(false)
	if err != nil || u.Dirty() {
		t.Fatalf("the tree is not up to date after it was written: %v, %v", u.Changes, err)
	}
	written := files(t, dir)
	temporary := filepath.Join(dir, "base", ".kubectl-certs-ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	write(t, temporary, "half")
	if removed, err := tree.Write(u); removed != 1 || err != nil {
		t.Errorf("removed %d temporary files: %v", removed, err)
	}
	if diff := cmp.Diff(written, files(t, dir)); diff != "" {
		t.Errorf("the tree (-want +got):\n%s", diff)
	}
	write(t, temporary, "half")
	write(t, filepath.Join(dir, "elsewhere"), "a file")
	u = overlay.Update{Writes: overlay.Tree{"elsewhere/x.yaml": []byte("x")}}
	if removed, err := tree.Write(u); removed != 1 || !strings.Contains(text(err), "elsewhere") {
		t.Errorf("removed %d temporary files, and writing below a file says %v", removed, err)
	}
}

// TestWriteToMissingFolder: without the folder no file is written.
func TestWriteToMissingFolder(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	o.Dir = filepath.Join(filepath.Dir(o.File), "missing")
	tree := readTree(t, open(t, o))
	if _, err := tree.Write(overlay.Update{}); !strings.HasPrefix(text(err), "remove temporary files of an interrupted run: ") {
		t.Errorf("a missing folder: %v", err)
	}
}

// TestHandEdited lists generated files that a person edited, and those of others
// at their place; not those that would not change, or are yet to be made.
func TestHandEdited(t *testing.T) {
	edit := func(s string) string { return strings.ReplaceAll(s, "name: web", "name: webs") }
	for name, tt := range map[string]struct {
		file string
		edit func(string) string
		want []string
	}{
		"edited":                       {webFile, edit, []string{webFile}},
		"another's":                    {webFile, func(string) string { return "kind: Mine\n" }, []string{webFile}},
		"line ends":                    {webFile, func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, nil},
		"a kustomization that is open": {prodFile, func(s string) string { return s + "# mine\n" }, nil},
		"nothing":                      {webFile, func(s string) string { return s }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			o := fill(t, map[string]string{"certs.yaml": issuers})
			generate(t, o)
			file := filepath.Join(filepath.Dir(o.File), tt.file)
			write(t, file, tt.edit(files(t, filepath.Dir(file))[filepath.Base(file)]+"\n"))
			tree := readTree(t, open(t, o))
			forced, err := tree.Update(true)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tree.HandEdited(forced)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	o := fill(t, map[string]string{"certs.yaml": issuers})
	tree := readTree(t, open(t, o))
	forced, err := tree.Update(true)
	if err != nil {
		t.Fatal(err)
	}
	if edited := tree.HandEdited(forced); edited != nil {
		t.Errorf("files that are yet to be made count as edited: %q", edited)
	}
}

// TestChangedFolders: folders for nodes and components, each once, and no others.
func TestChangedFolders(t *testing.T) {
	u := overlay.Update{Changes: []overlay.Change{
		{Path: "base/trust/corp/talos/a.yaml", Action: overlay.Created},
		{Path: "base/trust/corp/talos/b.yaml", Action: overlay.Updated},
		{Path: "base/trust/corp/configmap/a.yaml", Action: overlay.Updated},
		{Path: "base/trust/corp/k3s/a.yaml", Action: overlay.Unchanged},
		{Path: "base/trust/corp/rke2/a.yaml", Action: overlay.Kept},
		{Path: "overlays/prod/trust/corp/pods/a.yaml", Action: overlay.Deleted},
		{Path: webFile, Action: overlay.Updated},
	}}
	want := []string{"base/trust/corp/talos", "overlays/prod/trust/corp/pods"}
	if diff := cmp.Diff(want, ChangedFolders(u)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLeftOver: overlays of no environment that an update touches, each once.
func TestLeftOver(t *testing.T) {
	o := fill(t, map[string]string{"certs.yaml": issuers})
	u := overlay.Update{Changes: []overlay.Change{
		{Path: "base/old/a.yaml", Action: overlay.Deleted},
		{Path: prodFile, Action: overlay.Updated},
		{Path: "overlays/deleted/a.yaml", Action: overlay.Deleted},
		{Path: "overlays/kept/a.yaml", Action: overlay.Kept},
		{Path: "overlays/unchanged/a.yaml", Action: overlay.Unchanged},
		{Path: "overlays/updated/a.yaml", Action: overlay.Updated},
		{Path: "overlays/updated/b.yaml", Action: overlay.Deleted},
		{Path: "overlays/updated/deep/b.yaml", Action: overlay.Deleted},
	}}
	if diff := cmp.Diff([]string{"overlays/deleted", "overlays/updated"}, readTree(t, open(t, o)).leftOver(u)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	o.Environment = "prod"
	if labels := readTree(t, open(t, o)).leftOver(u); labels != nil {
		t.Errorf("of one environment: %q", labels)
	}
}
