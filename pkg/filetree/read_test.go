package filetree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	root := t.TempDir()
	const plain = " is a symbolic link; only plain files and folders are written"
	fill(t, root, map[string]string{
		"base/a.yaml":          "a",
		"base/deep/er/b.yml":   "b",
		"base/README.md":       "no",
		"base/x.yaml/c.yaml":   "c",
		"other/d.yaml":         "d",
		"linked/e.yaml@":       "../other/d.yaml",
		"linked/deep/readme@":  "nowhere",
		"linked/deep/folder@":  "../../other",
		"overlays@":            "other",
		"file.yaml":            "not a folder",
		"empty/.gitkeep":       "",
		"through/linked/prod@": "../../other",
	})
	for name, tt := range map[string]struct {
		dirs []string
		want map[string]string
		err  string
	}{
		"no folders": {want: map[string]string{}},
		"missing":    {dirs: []string{"none", "base/none", "none/none"}, want: map[string]string{}},
		"empty":      {dirs: []string{"empty"}, want: map[string]string{}},
		"one": {
			dirs: []string{"base"},
			want: map[string]string{"base/a.yaml": "a", "base/deep/er/b.yml": "b", "base/x.yaml/c.yaml": "c"},
		},
		"two, untidy, overlapping": {
			dirs: []string{"./other/", "base/deep", "base/deep/er", "base/../other"},
			want: map[string]string{"base/deep/er/b.yml": "b", "other/d.yaml": "d"},
		},
		"out of root": {
			dirs: []string{"..", "base/../../x", "/etc", "base"},
			err:  `".." is not a path below ROOT` + "\n" + `"../x" is not a path below ROOT` + "\n" + `"/etc" is not a path below ROOT`,
		},
		"a file":                    {dirs: []string{"file.yaml", "base"}, err: "file.yaml is not a folder"},
		"below a file":              {dirs: []string{"file.yaml/x"}, err: "file.yaml is not a folder"},
		"links inside, each once":   {dirs: []string{"linked", "linked/deep"}, err: "linked/deep/folder" + plain + "\nlinked/deep/readme" + plain + "\nlinked/e.yaml" + plain},
		"a link":                    {dirs: []string{"overlays", "base"}, err: "overlays" + plain},
		"through a link":            {dirs: []string{"overlays/x", "overlays/y"}, err: "overlays" + plain},
		"a link in a plain folder":  {dirs: []string{"through/linked/prod"}, err: "through/linked/prod" + plain},
		"a link to outside of root": {dirs: []string{"out"}, err: "out" + plain},
	} {
		t.Run(name, func(t *testing.T) {
			_ = os.Symlink(t.TempDir(), filepath.Join(root, "out"))
			files, err := Read(root, tt.dirs...)
			if diff := cmp.Diff(tt.err, strings.ReplaceAll(errText(err), root, "ROOT")); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, texts(files)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadNoRoot(t *testing.T) {
	_, err := Read(filepath.Join(t.TempDir(), "none"), "base")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

func TestReadRoot(t *testing.T) {
	root := t.TempDir()
	fill(t, root, map[string]string{"a.yaml": "a", "b/c.yaml": "c"})
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(root, link)) // how the user comes to root is the user's business
	files, err := Read(link, ".")
	must(t, err)
	if diff := cmp.Diff(map[string]string{"a.yaml": "a", "b/c.yaml": "c"}, texts(files)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
