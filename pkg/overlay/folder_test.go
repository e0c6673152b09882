package overlay_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-certs/kubectl-certs/pkg/overlay"
)

const nodesSpec = `apiVersion: kubectl-certs.dev/v1alpha1
kind: Certs
trust:
- {name: corp, from: [two.pem], to: {aks: {}, containerd: {hosts: ["registry.example.com:5000"]}, pods: {variables: [JAVA_TOOL_OPTIONS]}}}
`

func nodes(t *testing.T, change ...string) planned {
	t.Helper()
	return planSpec(t, []byte(strings.NewReplacer(change...).Replace(nodesSpec)))
}

// actions are what happens to the files of a tree, the unchanged left out.
func actions(t *testing.T, have overlay.Tree, want planned, force bool) (map[string]string, overlay.Tree) {
	t.Helper()
	u, err := overlay.Plan(have, want.generated, force)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, c := range u.Changes {
		if c.Action != overlay.Unchanged {
			found[c.Path] = string(c.Action)
		}
		if c.Action == overlay.Kept {
			found[c.Path] += ": " + strings.Join(c.Notes, "; ")
		}
	}
	after := maps.Clone(have)
	maps.Copy(after, u.Writes)
	for _, name := range u.Deletes {
		delete(after, name)
	}
	return found, after
}

// TestFolders holds files that have no marker in them to what holds for those
// that do: ours are updated and deleted, edited ones kept, others never touched.
func TestFolders(t *testing.T) {
	p := nodes(t)
	fresh := nodes(t, "two.pem", "one.pem")
	const dir = "base/trust/corp/aks/"
	edited := func(changes ...string) overlay.Tree {
		tree := maps.Clone(p.tree)
		for i := 0; i < len(changes); i += 2 {
			tree[changes[i]] = []byte(changes[i+1])
		}
		return tree
	}
	allOf := func(action string, keep ...string) map[string]string {
		all := map[string]string{}
		for name := range p.tree {
			if !slices.Contains(keep, name) {
				all[name] = action
			}
		}
		return all
	}
	crlf := maps.Clone(p.tree)
	for name, data := range crlf {
		if filepath.Ext(name) != ".jks" {
			crlf[name] = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
		}
	}
	updated := map[string]string{}
	for name, data := range fresh.tree {
		if !bytes.Equal(data, p.tree[name]) {
			updated[name] = "updated"
		}
	}
	with := func(m map[string]string, more ...string) map[string]string {
		m = maps.Clone(m)
		for i := 0; i < len(more); i += 2 {
			if more[i+1] == "" {
				delete(m, more[i])
				continue
			}
			m[more[i]] = more[i+1]
		}
		return m
	}
	gone := planSpec(t, []byte(strings.Replace(nodesSpec, "to: {aks: {}, containerd: {hosts: [\"registry.example.com:5000\"]}, pods: {variables: [JAVA_TOOL_OPTIONS]}}", "to: {talos: {}}", 1)))
	const byHand, theirs = "kept: edited by hand since it was generated", "kept: not written by kubectl certs"
	for name, tt := range map[string]struct {
		have  overlay.Tree
		want  planned
		force bool
		found map[string]string
	}{
		"as it was":                     {p.tree, p, false, map[string]string{}},
		"with the line ends of Windows": {crlf, p, false, map[string]string{}},
		"other roots":                   {p.tree, fresh, false, updated},
		"other roots, on Windows":       {crlf, fresh, false, updated},
		"edited":                        {edited(dir+"roots.pem", "x"), p, false, map[string]string{dir + "roots.pem": byHand}},
		"edited, and other roots":       {edited(dir+"roots.pem", "x"), fresh, false, with(updated, dir+"roots.pem", byHand)},
		"edited, with force":            {edited(dir+"roots.pem", "x"), p, true, map[string]string{dir + "roots.pem": "updated"}},
		"the list is edited":            {edited(dir+"SHA256SUMS", string(p.tree[dir+"SHA256SUMS"])+"\n", dir+"roots.pem", "x"), p, false, map[string]string{dir + "SHA256SUMS": byHand, dir + "roots.pem": byHand}},
		"the list is gone": {func() overlay.Tree { tree := maps.Clone(p.tree); delete(tree, dir+"SHA256SUMS"); return tree }(), fresh, false,
			with(updated, dir+"SHA256SUMS", "created", dir+"roots.pem", theirs, dir+"roots.tf", theirs, dir+"roots.bicep", theirs, dir+"arm.json", theirs)},
		"others' files": {edited(dir+"notes.json", "{}"), p, false, map[string]string{}},
		"a component that is edited": {edited("base/trust/corp/pods/kustomization.yaml", string(p.tree["base/trust/corp/pods/kustomization.yaml"])+"# x\n"), p, false,
			map[string]string{"base/trust/corp/pods/kustomization.yaml": byHand}},
		"no longer wanted": {p.tree, gone, false, with(allOf("deleted"), "base/trust/corp/talos/trusted-roots.yaml", "created")},
		"no longer wanted, edited, and others' beside it": {edited(dir+"roots.pem", "x", dir+"notes.json", "{}"), gone, false,
			with(allOf("deleted", dir+"roots.pem"), "base/trust/corp/talos/trusted-roots.yaml", "created", dir+"roots.pem", byHand+"; no longer generated")},
	} {
		t.Run(name, func(t *testing.T) {
			found, after := actions(t, tt.have, tt.want, tt.force)
			if diff := cmp.Diff(tt.found, found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again, _ := actions(t, after, tt.want, tt.force)
			for name, action := range again {
				if !strings.HasPrefix(action, "kept") {
					t.Errorf("a second run: %s %s", name, action)
				}
			}
		})
	}
}

// TestHandEdited wants diff to tell of the same files that generate keeps.
func TestHandEdited(t *testing.T) {
	tree := nodes(t).tree
	tree["base/trust/corp/aks/arm.json"] = []byte("{}\n")
	tree["base/trust/corp/pods/kustomization.yaml"] = append(tree["base/trust/corp/pods/kustomization.yaml"], "# x\n"...)
	tree["overlays/mine/kustomization.yaml"] = []byte("resources: [a.yaml]\n")
	var edited []string
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		if tree.IsHandEdited(name) {
			edited = append(edited, name)
		}
	}
	want := []string{"base/trust/corp/aks/arm.json", "base/trust/corp/pods/kustomization.yaml"}
	if !slices.Equal(want, edited) {
		t.Errorf("edited are %v, want %v", edited, want)
	}
}

// TestSums has sha256sum check what is written.
func TestSums(t *testing.T) {
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("sha256sum is not installed")
	}
	root := t.TempDir()
	dirs := map[string]bool{}
	for name, data := range nodes(t).tree {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) == "SHA256SUMS" {
			dirs[filepath.Dir(file)] = true
		}
	}
	for dir := range dirs {
		cmd := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "SHA256SUMS")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", dir, err, out)
		}
	}
	if len(dirs) != 3 {
		t.Errorf("%d lists of digests", len(dirs))
	}
}
