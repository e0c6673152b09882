package filetree

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// fill makes files with their contents, and links from the names that end in @.
func fill(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		link := name[len(name)-1] == '@'
		name = filepath.Join(root, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		if link {
			must(t, os.Symlink(content, name[:len(name)-1]))
			continue
		}
		must(t, os.WriteFile(name, []byte(content), 0o644))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// snapshot returns everything below root: modes, contents and link targets.
func snapshot(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var content []byte
		switch {
		case entry.Type().IsRegular():
			content, err = os.ReadFile(name)
		case entry.Type()&fs.ModeSymlink != 0:
			var target string
			target, err = os.Readlink(name)
			content = []byte(target)
		}
		rel, _ := filepath.Rel(root, name)
		all[filepath.ToSlash(rel)] = fmt.Sprintf("%v %s", info.Mode(), content)
		return err
	}))
	return all
}

// with returns a copy of a snapshot with some entries changed, "" for removed.
func with(all map[string]string, changes map[string]string) map[string]string {
	all = maps.Clone(all)
	for name, entry := range changes {
		all[name] = entry
		if entry == "" {
			delete(all, name)
		}
	}
	return all
}

func texts(files map[string][]byte) map[string]string {
	if files == nil {
		return nil
	}
	all := map[string]string{}
	for name, data := range files {
		all[name] = string(data)
	}
	return all
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
